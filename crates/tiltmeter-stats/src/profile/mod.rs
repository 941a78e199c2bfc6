//! What is kept of a window of one column: small, mergeable, and enough for most statistics.
