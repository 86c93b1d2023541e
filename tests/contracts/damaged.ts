const standIns = [null, 7, -1, true, "", "x", [], {}, [null]] as const;

/**
 * Bodies that a request with this one could have had instead: cut off anywhere, and with every member of its JSON in
 * turn left out or of another kind. A form keeps its field `payload`, whose JSON is damaged.
 */
export function* damaged(body: string): Generator<string> {
  const isForm = body.startsWith("payload=");
  const json = isForm ? (new URLSearchParams(body).get("payload") ?? "") : body;
  const asBody = (text: string) => (isForm ? new URLSearchParams({ payload: text }).toString() : text);
  for (let end = 0; end < json.length; end += 7) yield asBody(json.slice(0, end));
  for (const changed of variants(JSON.parse(json))) yield asBody(JSON.stringify(changed));
}

function* variants(value: unknown): Generator {
  yield* standIns;
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const others = Object.entries(value).filter(([other]) => other !== name);
    if (!Array.isArray(value)) yield Object.fromEntries(others);
    for (const changed of variants(member)) {
      if (Array.isArray(value)) yield value.with(Number(name), changed);
      else yield { ...value, [name]: changed };
    }
  }
}
