import { posix } from "node:path";
import { globMatches } from "../shell/expand.ts";

const system =
  "bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys usr var System Library Applications Users Volumes private".split(
    " ",
  );
const deepSystem =
  /^\/(?:usr\/(?:bin|sbin|lib|lib64|libexec|share|local|include)|var\/(?:lib|log|db)|etc\/(?:ssh|ssl|pam\.d))$/;

/** As the kernel would see it from that folder; `~` stays. A last part of `*` is the folder itself. */
export function resolvePath(path: string, folder?: string): string {
  const isBound = /^[/~]/.test(path);
  const joined = isBound || folder === undefined ? path : `${folder}/${path}`;
  const normal = posix
    .normalize(joined)
    .replace(/(?<=.)\/+$/, "")
    .replace(/^\/\/+/, "/");
  const contents = normal.replace(/\/(?:\.?\*+|\.\[[^\]]*\]\*|\{\*,\.\*\})$/, "");
  return contents === "" ? "/" : contents.replace(/^~\/\.$/, "~");
}

export const isRoot = (path: string): boolean => path === "/" || /^[A-Za-z]:[\\/]*$/.test(path);

/** A folder that the system lives in, as such: not what a person keeps somewhere in it. */
export const isSystemFolder = (path: string): boolean =>
  deepSystem.test(path) || (/^\/[^/]+$/.test(path) && system.some((name) => globMatches(path.slice(1), name)));

export const isHome = (path: string): boolean => /^~[\w.-]*$/.test(path) || /^\/(?:home|Users)\/[^/]+$/.test(path);

/** A disk, or a part of one. */
export const isDisk = (path: string): boolean =>
  /^\/dev\/(?:[hsv]d[a-z*?[]|xvd|nvme|mmcblk|disk|rdisk|dm-|md\d|mapper\/|loop\d|sr\d|mem$|kmem$|port$)/.test(path);

export const isSystemConfig = (path: string): boolean =>
  /^\/(?:private\/)?(?:etc|boot|usr|bin|sbin|lib|lib64|sys|proc|opt\/homebrew\/bin|Library|System)\/./.test(path);

export const isShellStartup = (path: string): boolean =>
  /^~[\w-]*\/\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zshenv|zprofile|zlogin|config\/fish\/config\.fish|inputrc|xinitrc)$/.test(
    tilde(path),
  );

export const isSshFile = (path: string): boolean => /^~[\w-]*\/\.ssh(?:\/|$)/.test(tilde(path));

export const isCredentials = (path: string): boolean =>
  /^~[\w-]*\/\.(?:aws|gnupg|kube|docker|azure|config\/(?:gcloud|gh)|netrc|npmrc|pypirc|pgpass|git-credentials|my\.cnf)(?:\/|$)/.test(
    tilde(path),
  );

export const isEnvironmentFile = (path: string): boolean =>
  /(?:^|\/)\.env(?:\.(?!example|sample|template|dist)[\w.-]+)?$/.test(path);

const tilde = (path: string): string => path.replace(/^\/(?:home|Users)\/[^/]+|^\/root/, "~");
