/** Programs in other languages given on the command line: only what they hand to a shell or delete is read. */

const starters =
  /\b(?:system|popen\w*|exec\w*|spawn\w*|subprocess|shell_exec|passthru|proc_open|Popen|check_call|check_output|getoutput|call|run|IO\.popen|Open3)\b|`|%x/;
const decoders =
  /b64decode|a2b_|fromhex|decode_base64|base64_decode|atob\(|rot13|Buffer\.from|unhexlify|zlib|marshal|fromCharCode|\bchr\(/;
const loaders = /urlopen|urlretrieve|requests\.get|fetch\(|https?\.get|open-uri|LWP|file_get_contents\(['"]http/;
const removers = /\b(?:rmtree|remove_tree|rmSync|rm_rf|rm_r|removeSync|rimraf|fs\.rm|rmdirSync|removedirs)\b/;
const unlinkers = /\b(?:unlink\w*|os\.remove|File\.delete)\b/;

const literal =
  /'((?:[^'\\\n]|\\.){0,4096})'|"((?:[^"\\\n]|\\.){0,4096})"|`([^`]{0,4096})`|\bqw?[({]([^)}]{0,4096})[)}]/g;

/** How awk starts a program: by name, or by a pipe from or to a text. */
const awkStarters = /\bsystem\b|\|\s*(?:getline|["(])/;

/** Shell text that the program would run, as far as it stands there in letters; and whether it hides some. */
export function shellTextsOf(code: string, isAwk = false): { texts: string[]; isHidden: boolean } {
  const removes = removers.test(code);
  const starts = (isAwk ? awkStarters : starters).test(code);
  if (/\b(?:exec|eval)\(/.test(code) && loaders.test(code)) return { texts: [], isHidden: true };
  if (!starts && !removes && !unlinkers.test(code))
    return { texts: [], isHidden: decoders.test(code) && /\beval\b/.test(code) };
  const joined = code.replace(/(['"])\s*(?:\+|\.)\s*\1/g, "");
  const literals = Array.from(joined.matchAll(literal), (match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? "");
  const texts = starts ? [...literals.slice(0, mostLiterals), literals.join(" ").slice(0, 8_192)] : [];
  // Removal by a library is what `rm` would do.
  if (removes)
    texts.push(
      ...literals.slice(0, mostLiterals).map((path) => `rm -rf '${path.replaceAll("'", "")}'`),
      "rm -rf unknown",
    );
  if (unlinkers.test(code)) texts.push("find . -delete");
  return { texts, isHidden: starts && decoders.test(code) };
}

const mostLiterals = 50;
