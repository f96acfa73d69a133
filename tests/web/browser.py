# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""A headless Chromium, driven through its pipe, and a server for the page."""

import fcntl
import functools
import http.server
import json
import os
import subprocess
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map,
                      ".js": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_):
        pass


def serve(folder):
    """The address of a server on this machine alone."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


class Browser:
    def __init__(self, program, profile, *flags):
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (to_browser, from_browser)]

        def place_ends():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self._process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--window-size=1100,1150", "--autoplay-policy=no-user-gesture-required",
             f"--user-data-dir={profile}", *flags, "about:blank"],
            pass_fds=(3, 4), preexec_fn=place_ends, stderr=subprocess.DEVNULL)
        for end in (to_browser, from_browser, *ends):
            os.close(end)
        self._rest, self._count, self._session = b"", 0, None
        self.errors = []
        target = next(t for t in self.send("Target.getTargets")["targetInfos"]
                      if t["type"] == "page")
        self._session = self.send("Target.attachToTarget", targetId=target["targetId"],
                                  flatten=True)["sessionId"]
        self.send("Runtime.enable")
        self.send("Page.enable")

    def _message(self):
        while b"\0" not in self._rest:
            data = os.read(self._read, 1 << 16)
            if not data:
                raise RuntimeError("the browser is gone")
            self._rest += data
        first, _, self._rest = self._rest.partition(b"\0")
        return json.loads(first)

    def send(self, method, **params):
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(answer["params"]["exceptionDetails"])
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def run(self, script, gesture=True):
        """The value of a piece of JavaScript, which may be a promise."""
        done = self.send("Runtime.evaluate", expression=script, awaitPromise=True,
                         returnByValue=True, userGesture=gesture)
        if "exceptionDetails" in done:
            raise RuntimeError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def wait_for(self, condition, seconds=60):
        """Until a piece of JavaScript is true; for the browser's own timers, not for speed."""
        self.run(f"""new Promise((resolve, reject) => {{
            const end = Date.now() + {1000 * seconds};
            const look = () => {{
                if ({condition}) return resolve(true);
                if (Date.now() > end) return reject(Error("not within {seconds} s"));
                setTimeout(look, 50);
            }};
            look();
        }})""")

    def open(self, address):
        self.send("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete' && document.body.dataset.ready")

    def close(self):
        try:
            self._session = None
            self.send("Browser.close")
        except RuntimeError:
            pass
        self._process.wait(20)
