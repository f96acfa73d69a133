# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Many files in one call: test_batch.py PERCEPNET (the program)."""

import json
import os
import resource
import shutil
import signal
import subprocess

import tap
from cli import PROGRAM, enhance, load, noise, percepnet, place, save, sentence
from tap import check

import numpy as np
import soundfile


def tree(name, files):
    """A folder with sound files of these names and lengths."""
    for path, frames in files.items():
        os.makedirs(os.path.dirname(place(f"{name}/{path}")), exist_ok=True)
        save(f"{name}/{path}", noise(frames), subtype="PCM_16")
    return place(name)


def test_many_files_and_folders_in_one_call():
    folder = tree("many", {"a.wav": 4800, "sub/b.flac": 9600, "sub/c.wav": 480})
    with open(place("many/notes.txt"), "w", encoding="utf-8") as file:
        file.write("not sound, not looked at")
    single = save("d.wav", noise(1000))
    for jobs in ("1", "3"):
        result = enhance("--into", place("clean" + jobs), "--jobs", jobs, folder, single)
        lines = result.stderr.decode().splitlines()
        check(len(lines) == 5 and "4 of 4 files done" in lines[-1], lines)
        check("under such names: " + place("many/notes.txt") in lines[-1], lines)
        for name, frames in (("a.wav", 4800), ("sub/b.flac", 9600), ("sub/c.wav", 480),
                             ("d.wav", 1000)):
            check(soundfile.info(place(f"clean{jobs}/{name}")).frames == frames, name)
    for name in ("a.wav", "sub/b.flac"):
        check(np.array_equal(load("clean1/" + name)[0], load("clean3/" + name)[0]), name)
    enhance(place("many/a.wav"), place("alone.wav"))
    check(np.array_equal(load("alone.wav")[0], load("clean3/a.wav")[0]), "unlike a call alone")


def test_one_bad_file_of_many_is_told_and_the_others_done():
    folder = tree("some", {"a.wav": 4800, "c.wav": 4800})
    with open(place("some/b.wav"), "w", encoding="utf-8") as file:
        file.write("not sound\n" * 50)
    result = percepnet("--into", place("some-clean"), folder)
    check(result.returncode == 1 and b"2 of 3 files done" in result.stderr, result)
    check(b"b.wav is not a sound file" in result.stderr, result)
    again = percepnet("--into", place("some-clean"), folder)
    check(again.returncode == 1 and b"--force" in again.stderr, again)
    check(sorted(os.listdir(place("some-clean"))) == ["a.wav", "c.wav"], "something else is there")


def bound_by_permissions(*arguments):
    """The program without what root may do."""
    drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if os.geteuid() != 0:
        drop = []
    elif not shutil.which(drop[0]) or subprocess.run([*drop, "true"], check=False).returncode != 0:
        raise tap.Skip("root, and setpriv takes no rights away here")
    return subprocess.run([*drop, PROGRAM, *arguments], capture_output=True, timeout=120,
                          check=False)


def test_a_folder_that_may_not_be_read_is_told_and_the_others_done():
    folder = tree("partly", {"a.wav": 480, "closed/b.wav": 480, "open/c.wav": 480})
    os.chmod(place("partly/closed"), 0)
    done = bound_by_permissions("--json", place("partly.json"), "--into", place("partly-clean"),
                                folder)
    alone = bound_by_permissions("--into", place("closed-clean"), place("partly/closed"))
    os.chmod(place("partly/closed"), 0o700)
    words = f"failed: {place('partly/closed')} may not be read; check its permissions"
    check(done.returncode == 1 and words in done.stderr.decode(), done.stderr)
    check(b"2 of 2 files done" in done.stderr and b"folders that failed: 1" in done.stderr, done)
    check(sorted(os.listdir(place("partly-clean"))) == ["a.wav", "open"], "not the others")
    with open(place("partly.json"), encoding="utf-8") as file:
        failed = [entry["in"] for entry in json.load(file)["files"] if entry["status"] == 1]
    check(failed == [place("partly/closed")], failed)
    check(alone.returncode == 1 and words in alone.stderr.decode(), alone.stderr)


def test_what_is_left_out_of_a_folder_is_told():
    folder = tree("odd", {"a.wav": 480, "sub/b.wav": 480})
    os.symlink("nowhere.wav", place("odd/dangling.wav"))
    os.symlink("sub", place("odd/linked"))
    for name in ("talk.wma", "talk.ac3"):
        shutil.copy(place("odd/a.wav"), place("odd/" + name))
    words = enhance("--into", place("odd-clean"), folder).stderr.decode()
    check(f"no files: {place('odd/dangling.wav')} and 1 more" in words, words)
    check(f"under such names: {place('odd/talk.ac3')} and 1 more" in words, words)
    check("percepnet --help lists" in words and "2 of 2 files done" in words, words)
    os.remove(place("odd/a.wav"))
    os.remove(place("odd/sub/b.wav"))
    words = sentence("--into", place("odd-clean"), folder)
    check("nothing to enhance" in words and "odd/talk.ac3 and 1 more" in words, words)


def test_two_files_of_one_name_are_refused():
    tree("one", {"a.wav": 480})
    tree("two", {"a.wav": 480})
    words = sentence("--into", place("both"), place("one/a.wav"), place("two/a.wav"))
    check("would both become" in words, words)
    words = sentence("--into", place("one"), "--json", place("one/a.wav"), place("two/a.wav"))
    check("same file" in words, words)


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def test_what_one_file_reads_no_other_writes():
    tree("into", {"sub/f.wav": 4800})
    tree("from", {"sub/f.wav": 480})
    kept = place("into/sub/f.wav")
    for inputs in (("from", "into/sub"), ("into/sub", "from")):
        before = contents(kept)
        words = sentence("--into", place("into"), *map(place, inputs))
        check("into/sub/f.wav" in words and "read" in words, words)
        check(contents(kept) == before and not os.path.exists(place("into/f.wav")), "written")
    save("other.wav", noise(960))
    os.makedirs(place("linked"))
    os.symlink(place("other.wav"), place("linked/f.wav"))
    words = sentence("--into", place("linked"), place("from/sub/f.wav"), place("other.wav"))
    check("read" in words and soundfile.info(place("other.wav")).frames == 960, words)


def test_two_outputs_of_one_file_are_refused():
    tree("pair", {"a.wav": 480, "b.wav": 480})
    tree("pair-out", {"x.wav": 960})
    for name in ("a.wav", "b.wav"):
        os.symlink("x.wav", place("pair-out/" + name))
    words = sentence("--into", place("pair-out"), place("pair"))
    check("would both become" in words, words)
    check(soundfile.info(place("pair-out/x.wav")).frames == 960, "written")


def test_a_link_is_taken_for_the_file_that_it_names():
    tree("far", {"a.wav": 480})
    tree("near", {"sub/b.wav": 960})
    os.symlink(place("far/a.wav"), place("near/link.wav"))
    for number, folder in enumerate(("near", "near/", "./near/.", "near/../near")):
        out = place(f"links{number}")
        enhance("--into", out, place(folder))
        check(sorted(os.listdir(out)) == ["link.wav", "sub"], os.listdir(out))
        check(soundfile.info(f"{out}/link.wav").frames == 480, "not that file")
        check(os.listdir(f"{out}/sub") == ["b.wav"], "sub")


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))


def test_a_machine_that_gives_no_more_threads_is_no_end():
    folder = tree("crowd", {f"{i}.wav": 480 for i in range(60)})
    result = subprocess.run([PROGRAM, "--jobs", "60", "--into", place("crowd-clean"), folder],
                            preexec_fn=limit_memory, capture_output=True, timeout=120, check=False)
    check(result.returncode in (0, 1), result)  # a file may find no memory
    check(b"files done" in result.stderr, result.stderr)


def test_permissions_are_what_was_asked_for():
    folder = tree("umask", {f"{i % 20}/{i}.wav": 1 for i in range(100)})
    result = subprocess.run([PROGRAM, "--quiet", "--mix", "0", "--jobs", "16", "--into",
                             place("umask-out"), folder],
                            umask=0o027, capture_output=True, timeout=120, check=False)
    check(result.returncode == 0, result.stderr)
    for path, _folders, files in os.walk(place("umask-out")):
        check(os.stat(path).st_mode & 0o777 == 0o750, path)
        for name in files:
            check(os.stat(f"{path}/{name}").st_mode & 0o777 == 0o640, f"{path}/{name}")


def test_a_place_that_takes_no_report_is_told_before_the_work():
    folder, out = tree("reported", {"a.wav": 480, "sub/b.wav": 480}), place("reported-out")
    words = sentence("--into", out, "--json", place("no/such/report.json"), folder)
    check("no/such/report.json cannot be written" in words, words)
    check(not os.path.exists(out), "work was done")
    for name in ("report.json", "sub/../sub/report.json"):  # a folder that comes with the outputs
        enhance("--into", out, "--json", f"{out}/{name}", folder)
        check(os.path.exists(f"{out}/{name}"), f"no {name}")
        shutil.rmtree(out)


def test_no_folder_can_be_made_there():
    wav = save("in.wav", noise(480))
    result = percepnet("--into", wav, place("many/a.wav"))
    words = result.stderr.decode()
    check(result.returncode == 1 and f"{wav} is not a folder" in words, words)
    check("filesystem error" not in words, words)


def test_what_an_interrupt_stops_is_not_called_done():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # not ignored, as in the background of a script
    folder, out = tree("stop", {"a.wav": 480, "b.wav": 48000 * 600, "c.wav": 480}), place("stopped")
    with subprocess.Popen([PROGRAM, "--jobs", "1", "--into", out, folder],
                          stderr=subprocess.PIPE) as process:
        def begun():
            return os.path.isdir(out) and any(name.startswith(".percepnet-") and os.path.getsize(
                os.path.join(out, name)) > 100000 for name in os.listdir(out))
        tap.wait_for(begun, "b.wav is not begun")
        process.send_signal(signal.SIGINT)
        words = process.communicate(timeout=60)[1].decode()
    check(process.returncode == 130 and "b.wav: " in words and ", stopped" in words, words)
    check("1 of 3 files done" in words and "1 stopped in the middle" in words, words)
    check(0 < soundfile.info(f"{out}/b.wav").frames < 48000 * 600, "not a part")


tap.run_module(dict(globals()))
