# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Headless browsers by WebDriver: Firefox through its own Marionette port, WebKitGTK through its
WebKitWebDriver on a virtual display. Both have open(), run(), wait_for(), screenshot(), close()."""

import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

START = 120  # seconds that a browser may take to start on a busy machine


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def patiently(action, errors):
    """What action() returns, as soon as it fails no more."""
    end = time.monotonic() + START
    while True:
        try:
            return action()
        except errors:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


class Loudspeaker:
    """A PulseAudio of our own that nobody hears: without one an AudioContext stands still."""

    def __init__(self, folder):
        self.environment, self._process = {}, None
        if not shutil.which("pulseaudio"):
            return
        socket_path = pathlib.Path(folder, "sound.socket")
        self._process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
             "--load=module-null-sink rate=48000",
             f"--load=module-native-protocol-unix auth-anonymous=1 socket={socket_path}"],
            env={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        patiently(socket_path.stat, FileNotFoundError)
        self.environment = {"PULSE_SERVER": f"unix:{socket_path}"}

    def close(self):
        if self._process:
            self._process.terminate()
            self._process.wait(60)


class Page:
    """What the two have in common: command(name, **parameters) is theirs."""

    def execute(self, script, *arguments):
        return self.command("execute", script=script, args=list(arguments))

    def run(self, expression, seconds=120):
        """The value of JavaScript in the page, which may await: by a script element, as the scripts
        of WebDriver run beside the page, not in it."""
        self.execute("""delete document.body.dataset.done;
            document.head.appendChild(document.createElement("script")).textContent =
              `(async () => (${arguments[0]}))().then((value) => ({ value }),
                (error) => ({ error: String(error) })).then((answer) => {
                  document.body.dataset.done = JSON.stringify(answer); });`;""", expression)
        end = time.monotonic() + seconds
        while not (answer := self.execute("return document.body.dataset.done || null;")):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds} s: {expression}")
            time.sleep(0.1)
        answer = json.loads(answer)
        if "error" in answer:
            raise RuntimeError(f"{expression}: {answer['error']}")
        return answer.get("value")

    def wait_for(self, condition, seconds=120):
        end = time.monotonic() + seconds
        while not self.execute(f"return Boolean({condition});"):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds} s: {condition}")
            time.sleep(0.1)

    def open(self, address):
        self.command("open", url=address)
        self.wait_for("document.body.dataset.ready")

    def click(self, name):
        """As a person does: browsers start no sound without."""
        element = self.command("find", using="css selector", value=f"#{name}")
        self.press(next(iter(element.values())))

    def screenshot(self):
        return base64.b64decode(self.command("screenshot"))


class Firefox(Page):
    NAMES = {"open": "WebDriver:Navigate", "execute": "WebDriver:ExecuteScript",
             "find": "WebDriver:FindElement", "press": "WebDriver:ElementClick",
             "screenshot": "WebDriver:TakeScreenshot"}

    @staticmethod
    def missing():
        """What is not installed, or nothing."""
        return None if Firefox.program() else "firefox"

    @staticmethod
    def program():
        return shutil.which("firefox") or shutil.which("firefox-esr")

    def __init__(self, folder, environment):
        port = free_port()
        settings = {"marionette.port": port, "media.autoplay.default": 0,
                    "media.navigator.streams.fake": True,
                    "media.navigator.permission.disabled": True,
                    "datareporting.policy.dataSubmissionEnabled": False}
        profile = pathlib.Path(folder, "profile")
        profile.mkdir()
        (profile / "user.js").write_text("\n".join(
            f'user_pref("{name}", {json.dumps(value)});' for name, value in settings.items()),
            encoding="utf-8")
        self._process = subprocess.Popen(
            [self.program(), "--headless", "--no-remote", "--marionette", "--profile", profile,
             "--window-size=1100,1150"], env={**os.environ, **environment},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._socket = patiently(lambda: socket.create_connection(("127.0.0.1", port)), OSError)
        self._file, self._count = self._socket.makefile("rb"), 0
        self._message()
        session = self._send("WebDriver:NewSession")
        self.version = "Firefox " + session["capabilities"]["browserVersion"]

    def _message(self):
        size = b""
        while (byte := self._file.read(1)) != b":":
            if not byte:
                raise RuntimeError("the browser is gone")
            size += byte
        return json.loads(self._file.read(int(size)))

    def _send(self, name, **parameters):
        self._count += 1
        message = json.dumps([0, self._count, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, answer = self._message()
        if error:
            raise RuntimeError(f"{name}: {error['message']}")
        return answer

    def command(self, name, **parameters):
        return self._send(self.NAMES[name], **parameters)["value"]

    def press(self, element):
        self.command("press", id=element)

    def close(self):
        self._process.terminate()
        self._process.wait(60)


class WebKit(Page):
    NAMES = {"open": ("POST", "url"), "execute": ("POST", "execute/sync"),
             "find": ("POST", "element"), "screenshot": ("GET", "screenshot")}

    @staticmethod
    def missing():
        return next((name for name in ("WebKitWebDriver", "Xvfb") if not shutil.which(name)), None)

    def __init__(self, folder, environment):
        port, self._session, self._processes = free_port(), "", []
        display = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1100x1150x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._processes.append(display)
        number = display.stdout.readline().strip()
        self._processes.append(subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"],
            env={**os.environ, **environment, "DISPLAY": f":{number}", "HOME": str(folder),
                 "GDK_BACKEND": "x11"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        self._address = f"http://127.0.0.1:{port}/session"
        answer = patiently(lambda: self._send("POST", "", {"capabilities": {}}),
                           urllib.error.URLError)
        self._session = "/" + answer["sessionId"]
        self.version = "WebKitGTK " + answer["capabilities"]["browserVersion"]

    def _send(self, method, path, body=None):
        request = urllib.request.Request(
            self._address + self._session + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=START) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()}") from None

    def command(self, name, **parameters):
        method, path = self.NAMES[name]
        return self._send(method, "/" + path, parameters if method == "POST" else None)

    def press(self, element):
        self._send("POST", f"/element/{element}/click", {})

    def close(self):
        try:
            self._send("DELETE", "")
        except (RuntimeError, OSError):
            pass  # its driver ends it
        for process in reversed(self._processes):
            process.terminate()
            process.wait(60)
