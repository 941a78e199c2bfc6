"""Reads what the flights example has logged with Spark, and compares the scores with the record. By hand, not in CI:

    pip install 'pyspark==4.3.0' 'pandas<3'
    python tests/readers/spark.py target/flights examples/flights/data/predictions.parquet
"""

import sys

from pyspark.sql import SparkSession

root, recorded = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
logged = spark.read.parquet(f"{root}/predictions")
logged.printSchema()
[totals] = logged.selectExpr("count(*) rows", "count(distinct date) dates", "min(model_name) model").collect()
print(totals)
expected = spark.read.parquet(recorded).selectExpr("request_id", "score AS recorded_score")
joined = logged.join(expected, "request_id")
assert joined.count() == totals.rows
assert joined.where("NOT score <=> recorded_score").count() == 0
print("every score is the recorded one")
