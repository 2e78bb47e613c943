-- What the airline's systems know at the moment {{until}}: every departure scheduled before it whose outcome has been
-- reported (reports arrive three days late), with times in UTC. Cancelled and diverted flights have no arrival.
COPY (
  SELECT
    flight_id,
    scheduled_at,
    carrier, flight, tailnum, origin, dest, distance, dep_delay, air_time, arr_delay
  FROM (
    SELECT
      *,
      row_number() OVER () AS flight_id,
      CAST(time_hour AS TIMESTAMP) + to_minutes(CAST(minute AS BIGINT)) AS scheduled_at
    FROM read_csv('data/raw/flights.csv', nullstr = 'NA')
  )
  WHERE scheduled_at + INTERVAL 3 DAY < TIMESTAMP '{{until}}'
  ORDER BY scheduled_at, flight_id
) TO 'data/flights.parquet' (FORMAT parquet, COMPRESSION zstd);
