//! Types of feature columns other than those that the log writes.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int8Array, Int64Array, NullArray,
    StringArray, UInt32Array, UInt64Array,
};
use tiltmeter_record::columns::ColumnValues;

use crate::files::{Folder, batch, encode, replace, row};

/// What is read of the feature when its column is `array`: its values in the first row, or what is wrong.
async fn feature(name: &str, array: ArrayRef) -> Result<String, String> {
    let folder = Folder::new();
    let batch = replace(&batch(1, [row(0)]), &format!("feature_{name}"), Some(array));
    folder.log("date=2026-01-01/a.parquet", encode(&batch, &[]));
    let read = folder.read().await;
    if let Some(problem) = read.problems.first() {
        return Err(problem.reason.clone());
    }
    let features = read.predictions.features();
    Ok(match &features.iter().find(|feature| feature.name.as_str() == name).unwrap().values {
        ColumnValues::Numbers(values) => format!("{}", values[0]),
        ColumnValues::Categories(values) => format!("{:?}", values.get(0)),
    })
}

#[tokio::test]
async fn numbers_of_any_width_are_numbers() {
    for name in ["age", "visits"] {
        let of = async |array: ArrayRef| feature(name, array).await.unwrap();
        assert_eq!(of(Arc::new(Int8Array::from(vec![-3]))).await, "-3");
        assert_eq!(of(Arc::new(UInt32Array::from(vec![u32::MAX]))).await, "4294967295");
        assert_eq!(of(Arc::new(UInt64Array::from(vec![u64::MAX]))).await, "18446744073709552000");
        assert_eq!(of(Arc::new(Float32Array::from(vec![0.5]))).await, "0.5");
        assert_eq!(of(Arc::new(Float64Array::from(vec![None]))).await, "NaN");
        assert_eq!(of(Arc::new(NullArray::new(1))).await, "NaN", "a column that never had a value");
    }
}

#[tokio::test]
async fn columns_that_never_had_a_value_are_missing() {
    for name in ["plan", "active"] {
        assert_eq!(feature(name, Arc::new(NullArray::new(1))).await.unwrap(), "None");
    }
}

#[tokio::test]
async fn other_types_are_said() {
    let text = || Arc::new(StringArray::from(vec!["1"])) as ArrayRef;
    let flag = || Arc::new(BooleanArray::from(vec![true])) as ArrayRef;
    let decimal = Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(5, 2).unwrap());
    let says = async |name: &str, array: ArrayRef| feature(name, array).await.unwrap_err();
    assert_eq!(
        says("age", flag()).await,
        "has a column feature_age of type Boolean, allowed: integers and floats"
    );
    assert_eq!(
        says("age", decimal).await,
        "has a column feature_age of type Decimal128(5, 2), allowed: integers and floats"
    );
    assert_eq!(says("plan", flag()).await, "has a column feature_plan of type Boolean, allowed: texts");
    assert_eq!(says("active", text()).await, "has a column feature_active of type Utf8, allowed: booleans");
    assert_eq!(
        says("active", Arc::new(Int64Array::from(vec![1]))).await,
        "has a column feature_active of type Int64, allowed: booleans"
    );
}
