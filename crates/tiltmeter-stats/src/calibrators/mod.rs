//! Functions that make probabilities of scores, and what calibrated scores promise.
