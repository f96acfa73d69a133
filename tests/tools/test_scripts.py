# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""The helper programs of tools/: test_scripts.py TOOLS_FOLDER"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import tap
from tap import check

TOOLS = pathlib.Path(sys.argv[1])
FOLDER = tempfile.TemporaryDirectory()


def place(name):
    return pathlib.Path(FOLDER.name, name)


def python(script, *arguments):
    return subprocess.run([sys.executable, TOOLS / script, *arguments], capture_output=True,
                          text=True, timeout=60, check=False)


def summary(*tests):
    """(exit status, output lines) of test_summary.py for (result, output) pairs."""
    log = place("log.json")
    log.write_text("".join(
        json.dumps({"name": f"t{i}", "result": result, "stdout": output, "duration": 0.1,
                    "command": ["t"]}) + "\n" for i, (result, output) in enumerate(tests)))
    done = python("test_summary.py", log)
    return done.returncode, done.stdout.splitlines()


def wav(name, samples):
    body = struct.pack(f"<{len(samples)}f", *samples)
    place(name).write_bytes(b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack(
        "<IHHIIHH", 16, 3, 1, 48000, 192000, 4, 32) + b"data" + struct.pack("<I", len(body)) + body)
    return place(name)


def test_summary_counts_programs_and_their_checks():
    status, lines = summary(("OK", ""), ("OK", "100%: Checks: 12, Failures: 0, Errors: 0\n"),
                            ("OK", "1..3\nok 1 - a\nok 2 - b # SKIP c\nok 3 - d\n"), ("SKIP", ""))
    check(status == 0 and lines[-1] == "15 passed, 0 failed, 2 skipped", lines)


def test_summary_shows_failures_in_full():
    status, lines = summary(("OK", ""), ("FAIL", "80%: Checks: 5, Failures: 1, Errors: 0\nwhy\n"))
    check(status == 1 and lines[-1] == "5 passed, 1 failed, 0 skipped", lines)
    check("why" in lines, lines)


def test_summary_counts_a_crash():
    for result in ("TIMEOUT", "FAIL", "ERROR", "INTERRUPT", "UNEXPECTEDPASS"):
        status, lines = summary((result, "ok 1 - a\n"))
        check(status == 1 and lines[-1] == "1 passed, 1 failed, 0 skipped", lines)


def test_summary_of_nothing_is_a_failure():
    check(summary() == (1, ["0 passed, 0 failed, 0 skipped"]), summary())
    check(python("test_summary.py", place("missing")).returncode == 1, "missing log")


def test_compare_tells_the_difference():
    done = python("compare.py", wav("a.wav", [0, 0.5, -1]), wav("b.wav", [0, 0.25, -1]))
    check(done.returncode == 0 and "0.25 (-12 dBFS)" in done.stdout, done)
    done = python("compare.py", wav("a.wav", [0.5]), wav("b.wav", [0.5]))
    check(done.returncode == 0 and "every sample the same" in done.stdout, done)


def test_compare_refuses_other_lengths():
    done = python("compare.py", wav("a.wav", [0, 0]), wav("b.wav", [0]))
    check(done.returncode == 1, done)


def test_shell_scripts_parse():
    for script in sorted(TOOLS.glob("*.sh")):
        subprocess.run(["sh", "-n", script], check=True)


def test_shell_scripts_find_their_tree():
    """With CDPATH, `cd tools/..` may print where it goes, or go elsewhere."""
    tree, elsewhere = place("here").resolve(), place("elsewhere").resolve()
    finds = 'dirname "$0"'
    for script in [*TOOLS.parent.glob("*/*.sh"), TOOLS.parent / ".ci/run"]:
        lines = script.read_text(encoding="utf-8").splitlines()
        until = next((i for i, line in enumerate(lines) if f'cd "$({finds}' in line), None)
        if until is None:
            continue
        path = script.relative_to(TOOLS.parent)
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / path.parent).mkdir(parents=True, exist_ok=True)
        (tree / path).write_text("\n".join(lines[:until + 1] + [
            'echo "${here-${source-$PWD}}"']) + "\n", encoding="utf-8")
        found = tree / ("" if f'cd "$({finds})/.."' in lines[until] else path.parent)
        for cdpath in (".", elsewhere):
            done = subprocess.run([lines[0][2:], path], cwd=tree, capture_output=True, text=True,
                                  env={**os.environ, "CDPATH": str(cdpath)}, check=False)
            check(done.stdout == f"{found}\n", f"{path}, CDPATH={cdpath}: {done}")


def test_shell_scripts_are_clean():
    if not shutil.which("shellcheck"):
        raise tap.Skip("no shellcheck")
    subprocess.run(["shellcheck", *sorted(TOOLS.glob("*.sh"))], check=True)


def alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1]
        return state.split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_mutate_ends_what_a_test_leaves_behind():
    if not sys.platform.startswith("linux"):
        raise tap.Skip("only on Linux")
    sys.path.insert(0, str(TOOLS))
    mutate = __import__("mutate")
    endless = ("import os, signal, sys, time\n"
               "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
               "os.fork() or os.fork()\n"
               "print(os.getpid(), file=open(sys.argv[1], 'a'), flush=True)\n"
               "time.sleep(1000)\n")
    pids = place("pids")
    leaves = ("import pathlib, subprocess, sys, time\n"
              "subprocess.Popen([sys.executable, '-c', sys.argv[1], sys.argv[2]],"
              " start_new_session=True)\n"
              "pids = pathlib.Path(sys.argv[2])\n"
              "while not pids.exists() or pids.read_text().count('\\n') < 3: time.sleep(0.01)\n")
    check(mutate.run(sys.executable, "-c", leaves, endless, pids), "exit status")
    started = [int(pid) for pid in pids.read_text().split()]
    left = [pid for pid in started if alive(pid)]
    for pid in left:
        os.kill(pid, 9)
    check(len(started) == 3 and not left, f"{left} of {started} are there still")


def test_wrong_arguments_are_refused():
    done = subprocess.run([TOOLS / "setup.sh", "--all"], capture_output=True, text=True,
                          check=False)
    check(done.returncode == 2 and "usage" in done.stderr, done)
    done = subprocess.run([TOOLS / "demo.sh", place("missing.wav")], capture_output=True,
                          text=True, check=False)
    check(done.returncode == 1 and "does not exist" in done.stderr, done)


def test_the_demo_does_not_remove_what_it_is_given():
    tree = place("a tree")
    (tree / "tools").mkdir(parents=True)
    (tree / "build/demo").mkdir(parents=True)
    shutil.copy(TOOLS / "demo.sh", tree / "tools")
    for name in ("setup.sh", "build.sh"):
        (tree / "tools" / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (tree / "tools" / name).chmod(0o755)
    given = tree / "build/demo/mine.wav"
    given.write_bytes(b"sound")
    done = subprocess.run(["sh", tree / "tools/demo.sh", given], capture_output=True, text=True,
                          check=False)
    check(given.exists(), "removed")
    check(done.returncode == 1 and "from elsewhere" in done.stderr, done)


def test_packages_never_replace_a_source_tree():
    """Where packages go by custom: into the folder above the tree, which has its usual name."""
    if not shutil.which("dpkg-buildpackage") or not shutil.which("dh"):
        raise tap.Skip("no dpkg-buildpackage or debhelper")
    tree = place("source/percepnet-1.0")
    (tree / "tools").mkdir(parents=True)
    (tree / "debian").mkdir()
    shutil.copy(TOOLS / "package.sh", tree / "tools")
    (tree / "debian/changelog").write_text("percepnet (1.0) unstable; urgency=low\n",
                                           encoding="utf-8")
    done = subprocess.run(["sh", "tools/package.sh", ".."], cwd=tree, capture_output=True,
                          text=True, check=False)
    check((tree / "tools/package.sh").exists(), "removed")
    check(done.returncode == 1 and "is there already" in done.stderr, done)


def installed_by(*arguments, dpkg_query="exit 1"):
    """Packages that setup.sh installs where dpkg-query knows of none."""
    bare, log = place("bare"), place("apt.log")
    bare.mkdir(exist_ok=True)
    log.write_text("\n")
    programs = {"dpkg-query": dpkg_query, "id": "echo 0", "apt-get": f"echo $* >> {log}"}
    for name, line in programs.items():
        (bare / name).write_text(f"#!/bin/sh\n{line}\n")
        (bare / name).chmod(0o755)
    subprocess.run([TOOLS / "setup.sh", *arguments], check=True, capture_output=True,
                   env={"PATH": f"{bare}:{os.environ['PATH']}"})
    return log.read_text().splitlines()[-1].split()


def test_setup_installs_what_the_debian_packages_are_built_with():
    control = (TOOLS.parent / "debian/control").read_text(encoding="utf-8")
    listed = control.split("Build-Depends:\n")[1].split("\n\n")[0]
    wanted = [line.split()[0].rstrip(",") for line in listed.splitlines()]
    wanted = ["debhelper" if name.startswith("debhelper-compat") else name for name in wanted]
    got = installed_by("--package")
    wanted.append("build-essential")  # no package names it, dpkg-buildpackage asks for it
    check("check" in wanted and "install" in got, (wanted, got))
    check(set(wanted) <= set(got), f"missing: {set(wanted) - set(got)}")


def test_setup_installs_nothing_that_is_there():
    """For two architectures dpkg-query tells of both, as often as the format has no line's end."""
    if not shutil.which("dpkg-query"):
        raise tap.Skip("no dpkg-query")
    database = place("dpkg")
    for folder in ("info", "updates"):
        (database / folder).mkdir(parents=True)
    (database / "arch").write_text("amd64\ni386\n", encoding="utf-8")
    (database / "status").write_text("".join(
        f"Package: {name}\nStatus: install ok installed\nMulti-Arch: same\nVersion: 1\n"
        f"Maintainer: nobody\nDescription: none\nArchitecture: {architecture}\n\n"
        for name in installed_by() if not name.startswith("-") and name != "install"
        for architecture in ("amd64", "i386")), encoding="utf-8")
    real = f'{shutil.which("dpkg-query")} --admindir={database} "$@"'
    check(not installed_by(dpkg_query=real), installed_by(dpkg_query=real))


tap.run_module(dict(globals()))
