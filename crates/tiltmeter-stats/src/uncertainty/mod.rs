//! How sure a model is of a single prediction.
