/** The package has no types of its own; this is the part that the checks use. */
declare module "asl-validator" {
  interface StateMachineError {
    "Error code": string;
    Message?: string;
    path?: string;
    schemaError?: unknown;
  }
  function validate(
    definition: unknown,
    options?: { checkArn?: boolean; checkPaths?: boolean },
  ): { isValid: boolean; errors: StateMachineError[] };
  export = validate;
}
