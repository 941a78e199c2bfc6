//! How uncertain an estimate is: survey estimators, and the bootstrap.
