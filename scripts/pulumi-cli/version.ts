/** What the download and the build bring. Newer than this works as well, up to the next major version. */
export const ourVersion = "3.259.0";

/** The oldest CLI that can do all we ask of one: since here `pulumi import --file` takes inputs and outputs. */
export const oldestVersion = "3.254.0";
