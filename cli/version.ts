/**
 * The version of this package, as both manifests say it.
 *
 * @module
 */

/** The version. */
export const VERSION = "0.1.0";
