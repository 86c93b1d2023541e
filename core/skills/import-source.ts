import { refused } from "../base/errors.ts";

/** Where an import comes from. */
export type ImportSource =
  /** A SKILL.md by itself. */
  | { kind: "file"; url: string; isTrusted: false }
  /** A folder of an archive; "" stands for all of it. */
  | { kind: "archive"; url: string; folder: string; isTrusted: boolean };

/** Repositories whose skills may be imported although the scan has doubts; never when it finds them dangerous. */
const trusted = new Set(["openai/skills", "anthropics/skills", "huggingface/skills", "nvidia/skills"]);

export const githubArchive = (repository: string, ref: string): string =>
  `https://codeload.github.com/${repository}/tar.gz/${ref}`;

/**
 * Reads an address: a page of GitHub (repository, tree, blob, raw file), an archive (.tar.gz, .tgz), or a SKILL.md.
 * A branch with a slash in its name is read as a folder; its commit's id can be given instead.
 */
export function importSource(address: string, archiveOf = githubArchive): ImportSource {
  const url = URL.parse(address.trim());
  if (!url) throw refused("That is not a web address.", { code: "skill.source" });
  const parts = url.pathname
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  const github = githubParts(url.hostname, parts);
  if (github) {
    const repository = `${github.owner}/${github.name.replace(/\.git$/, "")}`;
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[\w./-]+$/.test(github.ref) || github.ref.includes(".."))
      throw refused("That is not the address of a GitHub repository.", { code: "skill.source" });
    // A commit named by its id may be one of somebody's fork, which GitHub shows under this repository too.
    const isTrusted = trusted.has(repository.toLowerCase()) && ["HEAD", "main", "master"].includes(github.ref);
    return { kind: "archive", url: archiveOf(repository, github.ref), folder: github.path.join("/"), isTrusted };
  }
  if (/\.(tar\.gz|tgz)$/i.test(url.pathname)) return { kind: "archive", url: url.href, folder: "", isTrusted: false };
  return { kind: "file", url: url.href, isTrusted: false };
}

/** As it is written when it is not well-formed. */
const decoded = (part: string): string => (/^(?:[^%]|%[2-7][0-9a-f])*$/i.test(part) ? decodeURIComponent(part) : part);

interface GithubParts {
  owner: string;
  name: string;
  ref: string;
  /** The folder of the skill. */
  path: string[];
}

function githubParts(host: string, parts: readonly string[]): GithubParts | undefined {
  const [owner, name, ...rest] = parts;
  if (owner === undefined || name === undefined) return undefined;
  if (host === "raw.githubusercontent.com") {
    const [ref = "HEAD", ...path] = rest[0] === "refs" ? rest.slice(2) : rest;
    return { owner, name, ref, path: path.slice(0, -1) };
  }
  if (host !== "github.com" && host !== "www.github.com") return undefined;
  const [view, ref = "HEAD", ...path] = rest;
  if (view === undefined || view === "tree") return { owner, name, ref, path };
  return view === "blob" ? { owner, name, ref, path: path.slice(0, -1) } : undefined;
}
