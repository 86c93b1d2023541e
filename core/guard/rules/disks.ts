import { operands, textOf } from "../shell/simple-command.ts";
import { asksForHelp, rule, type Rule } from "./rule.ts";

export const disks: readonly Rule[] = [
  rule(
    "disk.format",
    "It makes a file system and loses what was there.",
    (command) =>
      /^(?:mkfs(?:\..+)?|mke2fs|newfs|mkswap)$/.test(command.name) &&
      !asksForHelp(command) &&
      operands(command).length > 0,
  ),
  rule(
    "disk.partition",
    "It changes how a disk is divided.",
    (command) =>
      /^(?:fdisk|sfdisk|cfdisk|gdisk|sgdisk|parted|diskutil|wipefs|partx)$/.test(command.name) &&
      !/\s(?:-l|--list|list|info|print)(?:\s|$)/.test(textOf(command)) &&
      operands(command).length > 0,
  ),
  rule(
    "disk.dd",
    "It writes bytes over a file or a device.",
    (command) =>
      /^d(?:d|cfldd)$/.test(command.name) &&
      command.arguments.some((word) => /^of=(?!\/dev\/(?:null|stdout|stderr)$)/.test(word)),
  ),
  rule(
    "disk.mount",
    "It changes how a file system is mounted.",
    (command) =>
      (command.name === "mount" && /remount|--bind|-o\s*bind/.test(textOf(command))) ||
      (command.name === "umount" && /\s-[a-z]*[lfa]/.test(textOf(command))),
  ),
  rule("disk.volume", "It removes or changes a volume.", (command) =>
    /^(?:lv|vg|pv)(?:remove|reduce|resize|change|create)$/.test(command.name),
  ),
  rule(
    "disk.pool",
    "It removes or changes a pool of disks.",
    (command) =>
      /^(?:zpool|zfs|btrfs|mdadm|cryptsetup)$/.test(command.name) &&
      /\b(?:destroy|rollback|labelclear|delete|luksFormat|erase|--zero-superblock|--stop|--remove)\b/.test(
        textOf(command),
      ),
  ),
];
