-- A month of flights as a broken export would deliver it: some carriers misspelt, distances negative, destinations lost.
COPY (
  SELECT * REPLACE (
    CASE WHEN flight_id % 5000 = 0 THEN 'XX' ELSE carrier END AS carrier,
    CASE WHEN flight_id % 7000 = 0 THEN -distance ELSE distance END AS distance,
    CASE WHEN flight_id % 3000 = 0 THEN NULL ELSE dest END AS dest
  )
  FROM read_parquet('data/flights.parquet')
  WHERE scheduled_at >= TIMESTAMP '2013-08-01'
  ORDER BY flight_id
) TO 'data/corrupt.csv' (HEADER);
