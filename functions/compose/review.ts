import { systemClock } from "../../core/base/clock.ts";
import { messageOf } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import type { ReviewEvent } from "../../core/learning/review/event.ts";
import { defaultReviewSettings, type ReviewPorts, type ReviewSettings } from "../../core/learning/review/ports.ts";
import { personOf, profileOf } from "../../core/gateway/conversation-key.ts";
import { indexTurn } from "../../core/search/store.ts";
import { connectMemory, recallAhead, remember } from "../../core/memory/external.ts";
import { saidIn } from "../../core/conversation/said.ts";
import { openActivity } from "../../core/store/activity.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { bodyCodec } from "../../core/store/bodies.ts";
import { openCosts } from "../../core/store/costs.ts";
import { openCuratorRecords, suggestPlace } from "../../core/store/curator.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openMailbox } from "../../core/store/mailbox.ts";
import { openRecollections } from "../../core/store/recollections.ts";
import { openReviews } from "../../core/store/reviews.ts";
import { openStore } from "../../core/store/store.ts";
import { openTable } from "../../core/store/table.ts";
import { memory } from "../../core/tools/memory.ts";
import { skillManage } from "../../core/tools/skill-manage.ts";
import { skillView } from "../../core/tools/skill-view.ts";
import { skillsList } from "../../core/tools/skills-list.ts";
import { openChannels } from "./channels.ts";
import type { Environment } from "./environment.ts";
import { composeLearning } from "./learning.ts";
import { openLog } from "./log.ts";
import { connectModel } from "./model.ts";
import { once } from "./once.ts";
import { numberOr, oneOf } from "./setting-values.ts";

function reviewSettings(settings: Settings): ReviewSettings {
  return {
    ...defaultReviewSettings,
    isOn: oneOf(settings, "TALARIA_REVIEW", ["on", "off"]) === "on",
    notice: oneOf(settings, "TALARIA_REVIEW_NOTICE", ["on", "off", "verbose"]),
    monthlyTokens: numberOr(settings, "TALARIA_REVIEW_MONTHLY_TOKENS", defaultReviewSettings.monthlyTokens),
  };
}

/**
 * What a review is made of: the session to read, and memory and skills under its own name. No shell, no state machine.
 * `index` makes a turn searchable, `noteTurn` says that there was one.
 */
export function composeReview(environment: Environment) {
  const { settings, profile } = environment;
  const now = () => systemClock.now();
  const table = openTable(environment.table, dynamoDbSdk());
  const blobs = openBlobs(environment.bucket);
  const { ledger, notebooks, skills, segments, isOwner } = composeLearning(environment, {
    table,
    blobs,
    actor: "review",
  });
  const store = openStore(table, blobs, now);
  const ports: ReviewPorts = {
    store,
    reviews: openReviews(table, bodyCodec(blobs)),
    costs: (of) => openCosts(table, of),
    ledger,
    notebooks,
    skills,
    model: once(() => connectModel(settings)),
    tools: [memory, skillsList, skillView, skillManage],
    channel: openChannels(settings, (platform) => openMailbox(table, profile, platform, now)),
    async noteTold(place, { owner }) {
      const identity = personOf(owner);
      const records = openCuratorRecords(table, profile, now);
      if (identity !== undefined) await suggestPlace(records, { place, identity, isOwner }).catch(() => undefined);
    },
    clock: systemClock,
    log: openLog(settings, "review"),
    settings: reviewSettings(settings),
  };
  const index = (event: ReviewEvent, sources: ReviewPorts["store"] = store) =>
    indexTurn(event, sources, ({ conversation, owner }) => segments(profileOf(conversation), owner));
  const noteTurn = async ({ conversation }: ReviewEvent) =>
    openActivity(table, profileOf(conversation), now)
      .noteTurn()
      .catch((error: unknown) => {
        // It only keeps the curator from what somebody works with.
        ports.log.warn("review.activity-not-noted", { reason: messageOf(error) });
      });
  const external = once(() => connectMemory(settings));
  const recollections = openRecollections(table, now);

  /** Hands a delivered turn to the external memory, where there is one, and asks it ahead of the next. */
  async function rememberTurn({ session: id, turn }: ReviewEvent, sources: ReviewPorts["store"]): Promise<void> {
    const provider = await external();
    const session = provider && (await sources.sessions.get(id));
    if (!provider || !session) return;
    const steps = (await sources.steps.from(id, turn)).filter((step) => step.turn === turn);
    const textsOf = (of: (step: (typeof steps)[number]) => string | undefined) =>
      steps.flatMap((step) => of(step) || []).join("\n\n");
    const exchange = {
      profile: profileOf(session.conversation),
      owner: session.owner,
      session: id,
      turn: `${id}#${turn}`,
      said: textsOf(saidIn),
      answered: textsOf(({ assistant }) => assistant.text),
      at: steps.at(-1)?.at ?? now(),
    };
    await remember(provider, exchange, ports);
    await recallAhead(provider, exchange, { ...ports, recollections });
  }

  return { ports, index, remember: rememberTurn, noteTurn };
}
