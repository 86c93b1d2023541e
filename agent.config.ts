/**
 * Your agent, in one file. Everything has a default; core/base/agent-config.ts says what each value means.
 * Secrets do not belong here: put them in `.env` for `npm start`; `npm run deploy` asks for those of the cloud.
 */
import { defineAgent } from "./core/base/agent-config.ts";

export default defineAgent({
  platforms: ["web", "webhook"],
});
