"""One script through Qdrant's Python or JavaScript client against `qbatch local-server`; every answer has to be that of the Python client's
own local mode.

usage: rest_peer.py QBATCH-PROGRAM [JAVASCRIPT-CLIENT]
"""

import json
import subprocess
import sys
import warnings

from answers import plain, same_answer
from local_server import local_server
from python_client import PythonClient
from rest_steps import make_steps


def by_local_mode(steps):
    client = PythonClient(":memory:")
    return [{"refused": step["reason"]} if step.get("refused") and "reason" in step else client.carry_out(step) for step in steps]


def by_python(steps, url):
    client = PythonClient(url)
    return [client.carry_out(step) for step in steps]


def by_javascript(steps, url, module):
    script = __file__.replace("rest_peer.py", "javascript_client.mjs")
    run = subprocess.run(["node", script, module, url], input=json.dumps(steps), text=True, check=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in run.stdout.splitlines()]


def shown(value, start=0):
    text = json.dumps(plain(value), ensure_ascii=False)[start:]
    return ("…" if start else "") + (text if len(text) < 1000 else text[:1000] + "…")


def difference(wanted, answer):
    """Both from a little before the place where their texts part."""
    texts = [json.dumps(plain(value), ensure_ascii=False) for value in (wanted, answer)]
    parting = next((place for place, pair in enumerate(zip(*texts)) if pair[0] != pair[1]), 0)
    start = max(0, parting - 200)
    return f"\n  expected {shown(wanted, start)}\n  answered {shown(answer, start)}"


def problems_of(steps, expected, answers):
    if len(answers) != len(steps):
        yield f"{len(answers)} answers to {len(steps)} steps"
    for number, (step, wanted, answer) in enumerate(zip(steps, expected, answers)):
        if "instead" in step:
            if same_answer(wanted, {"answer": step["instead"]}):
                yield f"step {number}: local mode no longer differs ({step['reason']})"
            wanted = {"answer": step["instead"]}
        if "refused" in step or "refused" in wanted:
            same = "refused" in step and "refused" in wanted and "refused" in answer
        else:
            same = same_answer(wanted, answer)
        if not same:
            yield f"step {number}: {shown(step)}{difference(wanted, answer)}"


def main():
    warnings.simplefilter("ignore")  # local mode's advice
    program, *module = sys.argv[1:]
    steps = make_steps()
    expected = by_local_mode(steps)
    with local_server(program) as url:
        answers = by_javascript(steps, url, *module) if module else by_python(steps, url)
    problems = list(problems_of(steps, expected, answers))
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    refused = sum("refused" in answer for answer in answers)
    print(f"{len(answers)} answers compared, {refused} of them refusals, {sum('instead' in step for step in steps)} by what a server answers, "
          f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
