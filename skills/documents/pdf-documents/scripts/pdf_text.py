"""The text of a PDF with simple fonts, pages not told apart. Only Python's standard library.

Reads streams that are plain or FlateDecode and takes what the operators Tj, ', " and TJ show. Fonts with encodings of
their own come out as nothing or as wrong letters: then another tool is needed.
"""
import re
import sys
import zlib

LARGEST = 50_000_000
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": ""}
TOKEN = re.compile(rb"\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)|<[0-9A-Fa-f\s]+>|\[|\]|[-+]?[0-9]*\.?[0-9]+|[A-Za-z'\"*]+", re.S)


def unescape(raw):
    text = raw[1:-1].decode("cp1252", "replace")
    text = re.sub(r"\\([0-7]{1,3})", lambda match: chr(int(match[1], 8) & 255), text)
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text, flags=re.S)


def shown(content):
    line, strings = [], []
    for match in TOKEN.finditer(content):
        token = match.group()
        if token[:1] == b"(":
            strings.append(unescape(token))
        elif token[:1] == b"<":
            digits = re.sub(rb"\s", b"", token[1:-1]).decode()
            strings.append(bytes.fromhex(digits + "0" * (len(digits) % 2)).decode("cp1252", "replace"))
        elif token in (b"Tj", b"TJ", b"'", b'"'):
            line.append("".join(strings))
            strings = []
        elif token in (b"Td", b"TD", b"T*", b"Tm", b"ET") and line:
            yield "".join(line)
            line = []
        elif re.fullmatch(rb"[-+]?[0-9.]+", token):
            if strings and float(token) < -200:
                strings.append(" ")
        elif token not in (b"[", b"]"):
            strings = []
    if line:
        yield "".join(line)


def main():
    data = open(sys.argv[1], "rb").read()
    if not data.startswith(b"%PDF"):
        sys.exit("not a PDF")
    if b"/Encrypt" in data:
        sys.exit("protected by a password")
    count = 0
    for match in re.finditer(rb"<<(.{0,2000}?)>>\s*stream\r?\n(.*?)\r?\n?endstream", data, re.S):
        head, body = match.groups()
        if b"/Image" in head or b"/FontFile" in head or b"/XRef" in head:
            continue
        if b"FlateDecode" in head:
            try:
                body = zlib.decompressobj().decompress(body, LARGEST)
            except zlib.error:
                continue
        if b"BT" in body:
            for line in shown(body):
                print(line)
                count += 1
    if count == 0:
        sys.exit("no text found: perhaps a scan, or fonts with an encoding of their own")


main()
