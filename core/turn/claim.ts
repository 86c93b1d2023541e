/**
 * A claim is one worker's name on what it works at. Nobody's claim means that nobody has begun: nothing of it is in doubt.
 */
export const nobody = "";
