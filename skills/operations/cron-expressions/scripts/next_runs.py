"""The next times at which a five-field cron expression fires, in a time zone. Only Python's standard library.

As in crontab: when day and weekday are both restricted, either is enough. Local times that do not exist are left out.
"""
import argparse
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

FIELDS = [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7)]
NAMES = {
    "month": "jan feb mar apr may jun jul aug sep oct nov dec".split(),
    "weekday": "sun mon tue wed thu fri sat".split(),
}


def number(text, name, low):
    names = NAMES.get(name, [])
    if text.lower() in names:
        return names.index(text.lower()) + low
    if not text.isdigit():
        sys.exit(f"{name}: {text!r} is not a number")
    return int(text)


def values(field, name, low, high):
    found = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        every = number(step, name, low) if step else 1
        if every < 1:
            sys.exit(f"{name}: a step is at least 1")
        if span == "*":
            first, last = low, high
        else:
            begin, _, end = span.partition("-")
            first = number(begin, name, low)
            last = number(end, name, low) if end else (high if step else first)
        if not low <= first <= last <= high:
            sys.exit(f"{name}: {part!r} is outside of {low} to {high}")
        found.update(range(first, last + 1, every))
    return {value % 7 for value in found} if name == "weekday" else found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("expression")
    parser.add_argument("--zone", default="UTC")
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--after", help="local time such as 2027-03-26T12:00; default: now")
    options = parser.parse_args()
    fields = options.expression.split()
    if len(fields) != 5:
        sys.exit(f"five fields are needed, here are {len(fields)}")
    minutes, hours, days, months, weekdays = (values(f, *about) for f, about in zip(fields, FIELDS))
    zone = ZoneInfo(options.zone)
    start = datetime.fromisoformat(options.after) if options.after else datetime.now(zone).replace(tzinfo=None)
    day, shown = start.replace(hour=0, minute=0, second=0, microsecond=0), 0
    either = fields[2][0] != "*" and fields[4][0] != "*"
    for _ in range(366 * 9):
        by_day, by_weekday = day.day in days, day.isoweekday() % 7 in weekdays
        if day.month in months and (by_day or by_weekday if either else by_day and by_weekday):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    when = day.replace(hour=hour, minute=minute)
                    aware = when.replace(tzinfo=zone)
                    exists = aware.astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) == when
                    if when > start and exists:
                        print(aware.strftime("%a %Y-%m-%d %H:%M %Z"), aware.astimezone(ZoneInfo("UTC")).strftime("(%H:%M UTC)"))
                        shown += 1
                        if shown == options.count:
                            return
        day += timedelta(days=1)
    if shown == 0:
        sys.exit("it never runs within nine years")


main()
