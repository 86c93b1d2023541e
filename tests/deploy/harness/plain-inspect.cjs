// Pulumi prints an uncaught error with colours, which takes its circular objects most of a minute. Preloaded into the
// program: the same text without colours, and not as deep.
const util = require("node:util");
const inspect = util.inspect;

function plainInspect(value, options, ...rest) {
  const isColoured = typeof options === "object" && options?.colors;
  return inspect(value, isColoured ? { ...options, colors: false, depth: 1 } : options, ...rest);
}

util.inspect = Object.assign(plainInspect, inspect);
