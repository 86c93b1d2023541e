export const handler = (): NodeJS.ProcessEnv => ({ ...process.env });
