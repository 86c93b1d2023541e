/**
 * Runs beside a program in the workspace (Python, since a program needs it anyway): gives it its time, keeps the two
 * ends of its output, and ends everything that it started. It is told to stop through the pipe `control`, which works
 * where the one who asks cannot see our processes, and stops by itself when nobody is left to ask. What it leaves is
 * the file `result`: a line with the reason, the exit code, how many bytes of the output are left out and after how many
 * bytes, then the output.
 *
 * Orphans come to it instead of to the system (PR_SET_CHILD_SUBREAPER, Linux 3.4), so that it finds those too that left
 * the program's session; where that does not exist it ends the program's process group.
 */
export const supervisorSource = String.raw`
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import time

folder = os.path.dirname(os.path.abspath(__file__))
seconds, head_bytes, tail_bytes, flood_bytes, linger_seconds = (float(word) for word in sys.argv[1:])
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36

try:
    import ctypes
    prctl = ctypes.CDLL(None).prctl
except (ImportError, OSError, AttributeError):
    def prctl(*words):
        return -1


class Window:
    def __init__(self):
        self.head = self.tail = b""
        self.total = 0

    def push(self, data):
        self.total += len(data)
        room = int(head_bytes) - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-int(tail_bytes):]

    def read(self):
        return self.total - len(self.head) - len(self.tail), len(self.head), self.head + self.tail


def start():
    environment = dict(os.environ, PYTHONUNBUFFERED="1", PYTHONUTF8="1", PYTHONDONTWRITEBYTECODE="1")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, os.path.join(folder, "script.py")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environment, start_new_session=True, preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
    )


def descendants():
    parents = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        try:
            with open("/proc/" + name + "/stat") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if name.isdigit() and state != "Z":
            parents[int(name)] = int(parent)
    found = {os.getpid()}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found - {os.getpid()}
        found |= more


def kill(pids, group):
    for send, target in [(os.killpg, group)] + [(os.kill, pid) for pid in pids]:
        try:
            send(target, signal.SIGKILL)
        except OSError:
            pass


def end_everything(child):
    for _ in range(100):
        pids = descendants()
        kill(pids, child.pid)
        if not pids:
            break
        try:
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
        except OSError:
            pass
        time.sleep(0.01)


def drain(output, window):
    """What was written before the end, which nobody holds open any more."""
    until = time.monotonic() + 1
    while time.monotonic() < until and select.select([output], [], [], 0.05)[0]:
        data = os.read(output, 65536)
        if not data:
            return
        window.push(data)


def watch(child, control, woken, window):
    output = child.stdout.fileno()
    inputs, until = [output, control, woken], time.monotonic() + seconds
    while child.poll() is None:
        ready = select.select(inputs, [], [], max(0, until - time.monotonic()))[0]
        if not ready:
            return "timeout"
        if control in ready:
            return "stopped"
        if woken in ready:
            os.read(woken, 4096)
        if output in ready:
            data = os.read(output, 65536)
            window.push(data)
            if not data:
                inputs.remove(output)
            if window.total > flood_bytes:
                return "flooded"
    return "ended"


def supervise():
    # As long as we are there.
    alive = open(os.path.join(folder, "alive"), "w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    calls, _, control = (os.open(os.path.join(folder, name), os.O_RDWR) for name in ("calls", "answers", "control"))
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    window = Window()
    child = start()
    reason = watch(child, control, woken, window)
    code = {"timeout": 124, "stopped": 130, "flooded": 153}.get(reason, child.returncode)
    end_everything(child)
    drain(child.stdout.fileno(), window)
    dropped, gap, output = window.read()
    with open(os.path.join(folder, "result.part"), "wb") as file:
        file.write("{} {} {} {}\n".format(reason, 128 - code if code < 0 else code, dropped, gap).encode() + output)
    os.rename(os.path.join(folder, "result.part"), os.path.join(folder, "result"))
    os.write(calls, b"end\n")
    # The result waits here; when nobody fetches it, nobody is left.
    until = time.monotonic() + linger_seconds
    while select.select([control], [], [], max(0, until - time.monotonic()))[0]:
        if b"done" in os.read(control, 4096):
            break


try:
    supervise()
    shutil.rmtree(folder, ignore_errors=True)
except OSError as error:
    sys.exit(str(error))
`;
