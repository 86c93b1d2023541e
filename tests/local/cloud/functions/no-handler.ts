export const notHandler = 1;
