//! One number per day: is there a trend, a step, an outlier?
