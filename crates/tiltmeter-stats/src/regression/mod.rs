//! How far predicted numbers are from what came.
