"""Starts `qbatch local-server` or qbatch-service on a free port, and sees that it ends well."""

import contextlib
import signal
import subprocess


@contextlib.contextmanager
def running(words, **how):
    """Starts a program that prints its URL, and gives that."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **how)
    try:
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
        if code != 0:
            raise RuntimeError(f"{words[0]} ended with {code}")
    finally:
        process.kill()
        process.wait()


def local_server(program):
    """Gives the URL of a server over a store in memory."""
    return running([program, "--quiet", "local-server", "--listen", "127.0.0.1:0", "--file", ":memory:"])
