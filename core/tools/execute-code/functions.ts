/** The tools that a program may call, each with its parameters in the order of a Python signature; optional ones end in `?`. */
export const callable = {
  read_file: ["path", "offset?", "limit?"],
  write_file: ["path", "content"],
  patch: ["path?", "old_string?", "new_string?", "replace_all?", "mode?", "patch?"],
  search_files: ["pattern", "target?", "path?", "file_glob?", "limit?", "offset?", "output_mode?", "context?"],
  terminal: ["command", "timeout?", "workdir?"],
} as const;

export type Callable = keyof typeof callable;

export const isCallable = (name: string): name is Callable => Object.hasOwn(callable, name);

function pythonFunction([tool, parameters]: [string, readonly string[]]): string {
  const names = parameters.map((parameter) => parameter.replace("?", ""));
  const signature = parameters.map((parameter) => parameter.replace("?", "=None")).join(", ");
  const given = names.map((name) => `${name}=${name}`).join(", ");
  return `def ${tool}(${signature}):\n    return _call("${tool}", ${given})\n`;
}

/**
 * The module that a program imports: `talaria_tools`. A call is a file and a line in the pipe `calls`; the answer is a
 * file and a line in the pipe `answers`. The lock lets threads and child processes of the program call too, one by one.
 * Lines are shorter than PIPE_BUF, so that they are written and read whole. Runs on Python 3.6 and later.
 */
export const toolsModule = String.raw`"""The agent's tools as functions. A tool's failure is returned as {"error": ...}, not raised."""
import fcntl
import json
import os
import shlex
import time
import uuid

_folder = os.path.dirname(os.path.abspath(__file__))


class ToolCallError(RuntimeError):
    """The call was not made."""


def _path(name):
    return os.path.join(_folder, name)


def _call(tool, **given):
    arguments = {name: value for name, value in given.items() if value is not None}
    request = json.dumps({"tool": tool, "input": arguments})
    if len(request) > 4000000:
        raise ToolCallError("A call takes at most 4 MB.")
    with open(_path("lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = json.loads(_exchange(request))
    if "refused" in answer:
        raise ToolCallError(answer["refused"])
    return answer["result"]


def _exchange(request):
    number = uuid.uuid4().hex
    with open(_path("request-" + number), "w") as file:
        file.write(request)
    answers = os.open(_path("answers"), os.O_RDWR)
    calls = os.open(_path("calls"), os.O_RDWR)
    try:
        os.write(calls, ("call " + number + "\n").encode())
        # An earlier call that was given up (by a signal, say) may have left its answer.
        while os.read(answers, len(number) + 1).decode().strip() != number:
            pass
    finally:
        os.close(calls)
        os.close(answers)
    with open(_path("answer-" + number), encoding="utf-8") as file:
        answer = file.read()
    os.remove(_path("answer-" + number))
    return answer


${Object.entries(callable).map(pythonFunction).join("\n\n")}

def json_parse(text):
    """Parses JSON and forgives control characters in its texts."""
    return json.loads(text, strict=False)


def shell_quote(text):
    """One word of a shell command that stands for exactly this text."""
    return shlex.quote(text)


def retry(function, max_attempts=3, delay=2):
    """Calls until it raises nothing, waiting delay, 2 * delay, 4 * delay ... seconds in between."""
    for attempt in range(max_attempts):
        try:
            return function()
        except Exception:
            if attempt + 1 >= max_attempts:
                raise
            time.sleep(delay * 2 ** attempt)
`;
