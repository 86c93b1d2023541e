/**
 * `npm run faults`: crashes at every outside call of a turn, of a review and of a run of the curator, then `kill -9` of the whole process at random moments.
 * Arguments: the stride between faults (1: every call) and the number of kills (20).
 */
import { injectFaults } from "./inject.ts";
import { injectLearningFaults } from "./learning.ts";
import { killAtRandom } from "./kill.ts";

const [stride = 1, kills = 20] = process.argv.slice(2).map(Number);
const print = (line: string) => console.log(line);

const faults = await injectFaults(stride, print);
const learning = await injectLearningFaults(stride, print);
const killed = await killAtRandom(kills, print);
for (const sentence of [...faults.broken, ...learning.broken, ...killed.broken]) console.log(`BROKEN ${sentence}`);
console.log(
  `${faults.calls} outside calls in the undisturbed turns; slowest recovery ${Math.round(faults.slowestMs)} ms`,
);
console.log(
  `${learning.calls} outside calls in an undisturbed review and run of the curator; slowest recovery ${Math.round(learning.slowestMs)} ms`,
);
console.log(`kill -9: ${killed.kills} runs, slowest answer after the kill ${Math.round(killed.slowestMs)} ms`);
const lost = faults.lost + learning.lost + killed.lost;
const doubled = faults.doubled + learning.doubled + killed.doubled;
console.log(`faults: ${faults.injected + learning.injected + killed.kills} injected, ${lost} lost, ${doubled} doubled`);
if (lost + doubled + faults.broken.length + learning.broken.length + killed.broken.length > 0) process.exitCode = 1;
