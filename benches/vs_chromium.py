#!/usr/bin/env python3
"""Our kiosk beside Chromium's kiosk mode, on the same board and the same virtual screen; run by vs_chromium.sh.

The first painted board is seen from outside, in the virtual screen's own memory: the header's colour appears.
Memory is the proportional set size of a program and everything it started. Processor time is read from /proc.
"""

import argparse
import http.server
import mmap
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

WIDTH, HEIGHT = 1080, 1920
HEADER = (0x1F, 0x4E, 0x5F)
REPO = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ["VYVESKA_BIN"])
TICKS = os.sysconf("SC_CLK_TCK")


class Screen:
    """A virtual screen whose pixels lie in a file."""

    def __init__(self, folder):
        self.file = folder / "Xvfb_screen0"
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", str(folder),
             "-nolisten", "tcp"],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            self.display = f":{number.readline().strip()}"
        self.pixels = mmap.mmap(os.open(self.file, os.O_RDONLY), 0, prot=mmap.PROT_READ)
        # XWD: the header's size and the number of colour-map entries stand in its 1st and 20th word.
        self.start = int.from_bytes(self.pixels[0:4], "big") + 12 * int.from_bytes(self.pixels[76:80], "big")

    def shows_board(self):
        """Whether the header's ground is there and the paper under it is not black."""
        return self.pixel(WIDTH // 2, 6) == HEADER and self.pixel(8, HEIGHT // 2) != (0, 0, 0)

    def pixel(self, x, y):
        at = self.start + 4 * (y * WIDTH + x)
        blue, green, red = self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]
        return red, green, blue

    def close(self):
        self.process.terminate()
        self.process.wait()


def family(pid):
    """The process and everything it started."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parent = int(stat[stat.rindex(")") + 2:].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting.extend(children.get(process, []))
    return found


def memory_mb(pids):
    total = 0
    for pid in pids:
        try:
            rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1))
    return total * 1024 / 1e6


def processor_seconds(pids):
    total = 0
    for pid in pids:
        try:
            stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        fields = stat[stat.rindex(")") + 2:].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def processor_share(pid, seconds):
    """Per cent of one core."""
    before, began = processor_seconds(family(pid)), time.monotonic()
    time.sleep(seconds)
    return 100 * (processor_seconds(family(pid)) - before) / (time.monotonic() - began)


def first_paint(command, screen, environment):
    """Starts a program and waits until the screen shows the board; gives the process and the seconds it took."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    while not screen.shows_board():
        if process.poll() is not None:
            sys.exit(f"{command[0]} ended with status {process.returncode} before it showed the board")
        if time.monotonic() - began > 60:
            sys.exit(f"{command[0]} did not show the board within a minute")
        time.sleep(0.001)
    return process, time.monotonic() - began


def stop(process):
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    time.sleep(0.3)


def listening(process, name):
    for line in process.stdout:
        if found := re.match(r"listening on (\S+)", line):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return found.group(1).rstrip("/")
    sys.exit(f"{name} did not start")


def serve_page(feed):
    """The board as a web page on loopback."""
    page = (REPO / "benches/board_page.html").read_text().replace("/*BOARD*/ { informace: [] }", feed)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--starts", type=int, default=5, help="how many times each is started (5)")
    arguments.add_argument("--seconds", type=int, default=40, help="how long processor time is counted (40)")
    arguments.add_argument("--rest", type=int, default=8, help="how long each runs before it is measured (8)")
    options = arguments.parse_args()

    work = pathlib.Path(tempfile.mkdtemp(prefix="vyveska-bench."))
    running = []
    try:
        publisher = subprocess.Popen([BIN / "vyveska-sample-town", "serve", "--listen", "127.0.0.1:0"],
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        running.append(publisher)
        published = listening(publisher, "the publisher")
        feed = urllib.request.urlopen(f"{published}/opendata/uredni-deska.jsonld").read().decode()

        subprocess.run([BIN / "vyveska-sample-town", "information", "--out", work / "town"], check=True)

        def central(idle_seconds):
            """The enrolment file of a central service whose displays turn the idle pages this often."""
            name = f"central-{idle_seconds}"
            # Never night: the first painted board is known by the header's colour by day.
            never = '{ from = "00:00", until = "00:00" }'
            settings = f'id = "lipnice"\nidle_page_seconds = {idle_seconds}\nnight = {never}'
            files = {part: work / f"{name}-{part}.toml" for part in ("central", "boards")}
            for part, file in files.items():
                text = (REPO / f"deploy/demo-{part}.toml.in").read_text()
                text = text.replace("@PUBLISHER@", published).replace("@REPO@", str(REPO))
                text = text.replace("@WORK@/central", str(work / name)).replace("@WORK@", str(work))
                file.write_text(text.replace('\nid = "lipnice"', f"\n{settings}"))
            process = subprocess.Popen([BIN / "vyveska-central", "serve", "--config", files["central"],
                                        "--provision", files["boards"]],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            running.append(process)
            address = listening(process, "the central service")
            enrolment = work / f"{name}-enrolment.toml"
            with enrolment.open("w") as file:
                subprocess.run([BIN / "vyveska-central", "enrol", "--config", files["central"], "--board", "lipnice",
                                "--central", address], stdout=file, check=True)
            return enrolment

        screens = work / "screen"
        screens.mkdir()
        screen = Screen(screens)
        running.append(screen.process)
        environment = dict(os.environ, DISPLAY=screen.display)
        environment.pop("WAYLAND_DISPLAY", None)

        def ours(idle_seconds):
            command = [BIN / "vyveska", "--enrolment", central(idle_seconds),
                       "--data", work / f"kiosk-{idle_seconds}", "--size", f"{WIDTH}x{HEIGHT}"]
            # The first start fills the store, the next ones show it.
            process, _ = first_paint(command, screen, environment)
            time.sleep(options.rest)
            stop(process)
            return command

        page = serve_page(feed)

        def chromium(idle_seconds):
            profile = work / "chromium"
            shutil.rmtree(profile, ignore_errors=True)
            return ["chromium", "--kiosk", "--no-sandbox", "--no-first-run", "--disable-gpu",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-quic", "--noerrdialogs", "--hide-scrollbars", f"--user-data-dir={profile}",
                    "--window-position=0,0", f"--window-size={WIDTH},{HEIGHT}", f"{page}?seconds={idle_seconds}"]

        our_turning, our_still = ours(12), ours(120)
        figures = {"vyveska": ([], []), "chromium": ([], [])}
        shares = {}
        for start in range(options.starts):
            for name in figures:
                command = our_turning if name == "vyveska" else chromium(12)
                process, seconds = first_paint(command, screen, environment)
                figures[name][0].append(seconds)
                time.sleep(options.rest)
                figures[name][1].append(memory_mb(family(process.pid)))
                if start == options.starts - 1:
                    shares[name] = [processor_share(process.pid, options.seconds)]
                stop(process)
        for name in figures:
            command = our_still if name == "vyveska" else chromium(3600)
            process, _ = first_paint(command, screen, environment)
            time.sleep(options.rest)
            shares[name].append(processor_share(process.pid, options.seconds))
            stop(process)

        print(f"{'':<12}{'first board':>14}{'memory':>14}{'rotation':>14}{'nothing moves':>16}")
        for name, (starts, memory) in figures.items():
            print(f"{name:<12}{statistics.median(starts):>12.2f} s{statistics.median(memory):>11.0f} MB"
                  f"{shares[name][0]:>12.2f} %{shares[name][1]:>14.2f} %")
        ours_, theirs = figures["vyveska"], figures["chromium"]
        print(f"ratio to Chromium: first board {statistics.median(ours_[0]) / statistics.median(theirs[0]):.2f}, "
              f"memory {statistics.median(ours_[1]) / statistics.median(theirs[1]):.2f} "
              f"(medians of {options.starts} starts; processor time in per cent of one core over {options.seconds} s)")
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
