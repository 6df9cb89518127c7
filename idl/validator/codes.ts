/**
 * What the validator can report about the rules of an IDL, by code. Codes never change their meaning.
 *
 * @module
 */

/** What each code means, in a few words. */
export const VALIDATOR_CODES = {
  "validator/unknown-rule": "there is no such rule",
  "validator/wrong-type": "the rule is not for values of this type",
  "validator/bad-value": "the rule cannot have this value",
  "validator/unknown-field": "there is no such field to refer to",
  "validator/wrong-operand": "the rule's value is of another type than what it is compared with",
  "validator/bad-function": "the function cannot be called like this",
  "validator/bad-pattern": "the regular expression cannot be used",
  "validator/no-effect": "the rule does nothing here (warning)",
} as const;

/** A code such as `validator/unknown-rule`. */
export type ValidatorCode = keyof typeof VALIDATOR_CODES;
