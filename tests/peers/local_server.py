"""Starts `qbatch local-server` on a free port over a store in memory, and sees that it ends well."""

import contextlib
import signal
import subprocess


@contextlib.contextmanager
def local_server(program):
    """Gives the server's URL."""
    process = subprocess.Popen(
        [program, "--quiet", "local-server", "--listen", "127.0.0.1:0", "--file", ":memory:"], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
        if code != 0:
            raise RuntimeError(f"qbatch local-server ended with {code}")
    finally:
        process.kill()
        process.wait()
