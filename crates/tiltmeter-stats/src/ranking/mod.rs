//! How good an ordering is, and how alike two orderings are.
