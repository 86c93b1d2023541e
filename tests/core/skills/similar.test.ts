import { describe, expect, it } from "vitest";
import { likenessOf, tokensOf } from "../../../core/skills/similar.ts";

/** Name and description of one skill, then of the other. */
type Pair = readonly [string, string, string, string];

/** The same class of work: in another order, another form of the words, or told at another length. */
const repeated: readonly Pair[] = [
  ["deploy-frontend", "Deploy the frontend to production", "frontend-deployment", "Deploying the frontend"],
  ["deploy-frontend", "Deploy the frontend", "deploying-frontends", "Ship a new version of the web app"],
  ["code-review", "Review pull requests", "reviewing-code", "Something else entirely"],
  ["code-review", "Review pull requests for bugs", "pull-request-review", "Review code in pull requests for bugs"],
  ["plan-trips", "Plan a trip day by day", "trip-planning", "Day plans for trips"],
  ["database-migrations", "Migrate a database safely", "migrate-database", "Write and run migrations of a database"],
  ["csv-cleaning", "Clean CSV files with awk", "clean-csv-files", "Clean up CSV files"],
  ["meeting-summaries", "Summarise meetings", "summarise-meetings", "Write the summary of a meeting"],
  ["translate-documents", "Translate documents", "document-translation", "Translation of a document, format kept"],
  ["log-analysis", "Find errors in log files", "analyse-logs", "Analyse the logs of a server"],
  ["running-tests", "Run the tests of a project", "test-runs", "How to run a project's tests"],
  ["invoice-writing", "Write invoices with correct totals", "write-invoices", "Invoices that add up"],
  ["config-validation", "Validate configuration files", "validating-configs", "Check a config before use"],
  ["deploy", "Deploy the app to production", "production-deploy", "Deploy to production with checks"],
  ["résumé-tips", "Improve a résumé", "resume", "Improve a resume"],
  [
    "pr-checks",
    "Review pull requests for bugs and style",
    "code-inspection",
    "Review pull requests for style and bugs",
  ],
  [
    "deploy-checks",
    "Check a deployment to AWS before release",
    "release-gate",
    "Checks before releasing deployments to AWS",
  ],
];

/** Neighbours: each name has a word for something that the other skill is not about. */
const different: readonly Pair[] = [
  ["deploy-frontend", "Deploy the frontend to production", "deploy-backend", "Deploy the backend to production"],
  [
    "deploy-frontend",
    "Build, test and deploy the frontend to production with Docker",
    "deploy-backend",
    "Build, test and deploy the backend to production with Docker",
  ],
  ["deploy-frontend", "Ship a new version to production", "deploy-backend", "Ship a new version to production"],
  [
    "deploy-frontend",
    "Deploy the frontend to production",
    "deploy-backend",
    "Deploy the backend, not the frontend, to production",
  ],
  ["frontend-deployment", "Deploy the frontend to staging", "backend-deploys", "Deploy the backend to staging"],
  ["react-components", "Write React components with tests", "vue-components", "Write Vue components with tests"],
  [
    "slack-notices",
    "Send a message to a Slack channel when a job ends",
    "telegram-alerts",
    "Send a message to a Telegram channel when a job ends",
  ],
  ["postgres-backup", "Back up a Postgres database to S3", "mysql-backup", "Back up a MySQL database to S3"],
  ["csv-cleaning", "Clean CSV files with awk", "json-cleaning", "Clean JSON files with jq"],
  ["csv-cleaning", "Clean CSV files with awk and python", "csv-charts", "Draw charts of CSV files with python"],
  ["weekly-report", "Write the report of the week", "monthly-report", "Write the report of the month"],
  ["travel-planning", "Plan a trip day by day", "meal-planning", "Plan meals day by day"],
  ["code-review", "Review pull requests for bugs", "code-release", "Tag, build and publish a version"],
  ["python-packaging", "Build and publish a package to PyPI", "node-packaging", "Build and publish a package to npm"],
  [
    "ios-screenshots",
    "Take screenshots for the App Store",
    "android-screenshots",
    "Take screenshots for the Play Store",
  ],
  ["email-drafts", "Draft e-mails for a person to send", "tweet-drafts", "Draft tweets for a person to send"],
  ["translate-to-german", "Translate text to German", "translate-to-french", "Translate text to French"],
];

const missesOf = (pairs: readonly Pair[], isWanted: (likeness: number) => boolean): string[] =>
  pairs.flatMap(([name, description, other, otherDescription]) => {
    const [a, b] = [
      { name, description },
      { name: other, description: otherDescription },
    ];
    return [likenessOf(a, b), likenessOf(b, a)].every(isWanted)
      ? []
      : [`${name} / ${other}: ${likenessOf(a, b).toFixed(2)}, ${likenessOf(b, a).toFixed(2)}`];
  });

describe("likeness", () => {
  it("takes two skills for the same class of work under another order or form of the words for one", () => {
    expect(missesOf(repeated, (likeness) => likeness >= 1)).toEqual([]);
  });

  it("takes skills whose names are about different things for two, however alike their descriptions are", () => {
    expect(missesOf(different, (likeness) => likeness < 1)).toEqual([]);
  });
});

describe("the words that skills are compared by", () => {
  it.each([
    ["deploy deploys deployed deploying deployment deployments", 1],
    ["plan plans planned planning planner", 1],
    ["migrate migrates migrated migrating migration migrations", 1],
    ["log logs logged logging", 1],
    ["summary summaries summarise summarising", 1],
    ["test tests testing tested", 1],
    ["validate validation validator validating", 1],
    ["crème creme", 1],
    ["string sting", 2],
    ["create crate", 2],
    ["state status", 2],
    ["code codes coded codec", 2],
    ["css cs", 2],
  ])("are, of %s, %i", (text, different) => {
    expect([...new Set(tokensOf(text))]).toHaveLength(different);
  });
});
