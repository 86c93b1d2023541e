import { parseJson } from "../../core/base/json.ts";
import { account, region, scheduleArn } from "./names.ts";
import { nextDueMs, scheduleInput, type ScheduleInput, type ScheduleRecord } from "./schedule.ts";
import { checkTarget } from "./schedule-target.ts";
import type { ScheduleBook } from "./schedule-book.ts";
import { readBody, sendJson, WireError, type Handle } from "./wire.ts";

interface Call {
  book: ScheduleBook;
  method: string;
  /** Empty for a list. */
  name: string;
  query: URLSearchParams;
  body: unknown;
}

const maxBodyBytes = 1024 * 1024;
const defaultPageSize = 100;

/** Source: EventBridge Scheduler API reference. Tags are not there. */
export const schedulerHandler =
  (book: ScheduleBook): Handle =>
  async (request, response) => {
    const url = new URL(request.url ?? "/", "http://scheduler");
    const [, kind, encodedName = ""] = /^\/(schedules|schedule-groups)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const text = (await readBody(request, maxBodyBytes)).toString("utf8");
    const call: Call = {
      book,
      method: request.method ?? "GET",
      name: decodeURIComponent(encodedName),
      query: url.searchParams,
      body: parseJson(text === "" ? "{}" : text),
    };
    if (kind === undefined) throw new WireError(404, "UnknownOperationException", "Scheduler has no such operation.");
    sendJson(response, 200, kind === "schedules" ? answerSchedule(call) : answerGroup(call));
  };

function answerSchedule(call: Call): object {
  if (call.name === "") return listSchedules(call);
  switch (call.method) {
    case "POST":
      return createSchedule(call);
    case "PUT":
      return updateSchedule(call);
    case "GET":
      return describe(existing(call));
    case "DELETE":
      call.book.remove(existing(call));
      return {};
    default:
      throw new WireError(404, "UnknownOperationException", "Scheduler has no such operation.");
  }
}

function createSchedule(call: Call): object {
  const { book, name } = call;
  const group = groupOf(call);
  if (!book.store.groups().includes(group)) throw notFound(`Schedule group ${group}`);
  if (book.find(group, name) !== undefined) throw conflict(`Schedule ${name}`);
  const now = book.clock.now();
  return save(call, { name, group, createdAtMs: now, handledUntilMs: now - 1 });
}

/** A change counts from now on: what was due before it is not made up for. */
function updateSchedule(call: Call): object {
  const { name, group, createdAtMs } = existing(call);
  return save(call, { name, group, createdAtMs, handledUntilMs: call.book.clock.now() });
}

type Identity = Pick<ScheduleRecord, "name" | "group" | "createdAtMs" | "handledUntilMs">;

function save({ book, body }: Call, identity: Identity): object {
  const record: ScheduleRecord = { ...identity, definition: parseInput(body), modifiedAtMs: book.clock.now() };
  checkName(record.name);
  checkTarget(record.definition.Target.Arn);
  nextDueMs(record, record.handledUntilMs);
  book.put(record);
  return { ScheduleArn: scheduleArn(record.group, record.name) };
}

function parseInput(body: unknown): ScheduleInput {
  const parsed = scheduleInput.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new WireError(400, "ValidationException", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
}

/** The name becomes a file name, so the check is also a guard. */
function checkName(name: string): void {
  if (/^[0-9a-zA-Z_.-]{1,64}$/.test(name) && !/^\.+$/.test(name)) return;
  throw new WireError(400, "ValidationException", "A name has 1 to 64 letters, digits, hyphens, underscores or dots.");
}

const groupOf = ({ body, query }: Call): string =>
  (body as { GroupName?: string } | undefined)?.GroupName ?? query.get("groupName") ?? "default";

function existing(call: Call): ScheduleRecord {
  const record = call.book.find(groupOf(call), call.name);
  if (record === undefined) throw notFound(`Schedule ${call.name}`);
  return record;
}

const notFound = (what: string) => new WireError(404, "ResourceNotFoundException", `${what} does not exist.`);
const conflict = (what: string) => new WireError(409, "ConflictException", `${what} already exists.`);

const dates = ({ createdAtMs, modifiedAtMs }: ScheduleRecord) => ({
  CreationDate: createdAtMs / 1000,
  LastModificationDate: modifiedAtMs / 1000,
});

const describe = (record: ScheduleRecord): object => ({
  ...record.definition,
  ...dates(record),
  Name: record.name,
  GroupName: record.group,
  Arn: scheduleArn(record.group, record.name),
});

function listSchedules({ book, query }: Call): object {
  const group = query.get("ScheduleGroup");
  const state = query.get("State");
  const matching = book
    .all()
    .filter((record) => group === null || record.group === group)
    .filter((record) => state === null || record.definition.State === state)
    .filter((record) => record.name.startsWith(query.get("NamePrefix") ?? ""))
    .sort((a, b) => (a.group + a.name < b.group + b.name ? -1 : 1));
  const start = Number(query.get("NextToken") ?? 0);
  const end = start + Number(query.get("MaxResults") ?? defaultPageSize);
  const summary = (record: ScheduleRecord) => ({
    Name: record.name,
    GroupName: record.group,
    Arn: scheduleArn(record.group, record.name),
    State: record.definition.State,
    Target: { Arn: record.definition.Target.Arn },
    ...dates(record),
  });
  return {
    Schedules: matching.slice(start, end).map(summary),
    ...(end < matching.length && { NextToken: String(end) }),
  };
}

const groupArn = (name: string): string => `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`;
const describeGroup = (name: string) => ({ Name: name, Arn: groupArn(name), State: "ACTIVE" });

function answerGroup({ book, method, name }: Call): object {
  const groups = book.store.groups();
  if (name === "") return { ScheduleGroups: groups.map(describeGroup) };
  if (method === "POST") {
    checkName(name);
    if (groups.includes(name)) throw conflict(`Schedule group ${name}`);
    book.store.createGroup(name);
    return { ScheduleGroupArn: groupArn(name) };
  }
  if (!groups.includes(name)) throw notFound(`Schedule group ${name}`);
  if (method === "GET") return describeGroup(name);
  for (const record of book.all().filter((one) => one.group === name)) book.remove(record);
  book.store.deleteGroup(name);
  return {};
}
