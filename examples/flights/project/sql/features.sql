-- Features of each flight as they stood one hour before its scheduled departure (judged_at), and the label.
--
-- Nothing from after judged_at takes part: the delay of another flight counts from the moment it was known (a departure
-- when it left, an arrival an hour after landing), weather from the hour it was observed. No departure or arrival fact of
-- the flight itself is a feature. tests/scenarios/no_leakage shifts the future and sees no change.

CREATE TEMP TABLE flights AS
SELECT *, scheduled_at - INTERVAL 1 HOUR AS judged_at FROM read_parquet('{{flights}}');

-- Delays of other flights in minutes, each with the moment it became known and the group it tells about.
CREATE TEMP TABLE reports AS
WITH departures AS (
  SELECT *, scheduled_at + to_minutes(CAST(dep_delay AS BIGINT)) AS known_at, CAST(dep_delay AS BIGINT) AS delay
  FROM flights WHERE dep_delay IS NOT NULL
), arrivals AS (
  SELECT *, scheduled_at + to_minutes(CAST(dep_delay + air_time + 60 AS BIGINT)) AS known_at, CAST(arr_delay AS BIGINT) AS delay
  FROM flights WHERE arr_delay IS NOT NULL
)
SELECT topic, grp, known_at, count(*) AS n, sum(CAST(delay > 15 AS BIGINT)) AS late, sum(delay) AS delay
FROM (
  SELECT 'origin_departures' AS topic, origin AS grp, known_at, delay FROM departures
  UNION ALL SELECT 'origin_carrier_departures', origin || carrier, known_at, delay FROM departures
  UNION ALL SELECT 'carrier_departures', carrier, known_at, delay FROM departures
  UNION ALL SELECT 'carrier_arrivals', carrier, known_at, delay FROM arrivals
  UNION ALL SELECT 'dest_arrivals', dest, known_at, delay FROM arrivals
  UNION ALL SELECT 'route_arrivals', origin || dest, known_at, delay FROM arrivals
  UNION ALL SELECT 'flight_arrivals', carrier || flight, known_at, delay FROM arrivals
)
GROUP BY ALL;

-- Running totals, so that a window is the difference of two moments. Whole minutes keep the sums exact.
CREATE TEMP TABLE totals AS
SELECT topic, grp, known_at, sum(n) OVER w AS n, sum(late) OVER w AS late, sum(delay) OVER w AS delay
FROM reports WINDOW w AS (PARTITION BY topic, grp ORDER BY known_at);

CREATE TEMP TABLE spans (topic VARCHAR, name VARCHAR, span INTERVAL);
INSERT INTO spans VALUES
  ('origin_departures', 'origin_2h', INTERVAL 2 HOUR),
  ('origin_departures', 'origin_6h', INTERVAL 6 HOUR),
  ('origin_carrier_departures', 'origin_carrier_3h', INTERVAL 3 HOUR),
  ('carrier_departures', 'carrier_6h', INTERVAL 6 HOUR),
  ('carrier_arrivals', 'carrier_arrivals_1d', INTERVAL 1 DAY),
  ('dest_arrivals', 'dest_12h', INTERVAL 12 HOUR),
  ('route_arrivals', 'route_28d', INTERVAL 28 DAY),
  ('flight_arrivals', 'flight_28d', INTERVAL 28 DAY);

CREATE TEMP TABLE recent AS
WITH asked AS (
  SELECT flight_id, name, topic, span,
    CASE topic
      WHEN 'origin_departures' THEN origin
      WHEN 'origin_carrier_departures' THEN origin || carrier
      WHEN 'carrier_departures' THEN carrier
      WHEN 'carrier_arrivals' THEN carrier
      WHEN 'dest_arrivals' THEN dest
      WHEN 'route_arrivals' THEN origin || dest
      ELSE carrier || flight
    END AS grp,
    judged_at
  FROM flights CROSS JOIN spans
), moments AS (
  SELECT flight_id, name, topic, grp, judged_at AS moment, 1 AS sign FROM asked
  UNION ALL
  SELECT flight_id, name, topic, grp, judged_at - span, -1 FROM asked
), windows AS (
  SELECT flight_id, name, sum(sign * n) AS n, sum(sign * late) AS late, sum(sign * delay) AS delay
  FROM moments ASOF JOIN totals
    ON moments.topic = totals.topic AND moments.grp = totals.grp AND totals.known_at <= moments.moment
  GROUP BY ALL
)
SELECT flight_id,
  max(late / n) FILTER (name = 'origin_2h') AS origin_2h_late,
  max(delay / n) FILTER (name = 'origin_2h') AS origin_2h_delay,
  max(n) FILTER (name = 'origin_2h') AS origin_2h_flights,
  max(late / n) FILTER (name = 'origin_6h') AS origin_6h_late,
  max(n) FILTER (name = 'origin_6h') AS origin_6h_flights,
  max(late / n) FILTER (name = 'origin_carrier_3h') AS origin_carrier_3h_late,
  max(delay / n) FILTER (name = 'origin_carrier_3h') AS origin_carrier_3h_delay,
  max(late / n) FILTER (name = 'carrier_6h') AS carrier_6h_late,
  max(delay / n) FILTER (name = 'carrier_6h') AS carrier_6h_delay,
  max(late / n) FILTER (name = 'carrier_arrivals_1d') AS carrier_1d_late,
  max(delay / n) FILTER (name = 'carrier_arrivals_1d') AS carrier_1d_delay,
  max(late / n) FILTER (name = 'dest_12h') AS dest_12h_late,
  max(delay / n) FILTER (name = 'dest_12h') AS dest_12h_delay,
  max(late / n) FILTER (name = 'route_28d') AS route_28d_late,
  max(delay / n) FILTER (name = 'route_28d') AS route_28d_delay,
  max(late / n) FILTER (name = 'flight_28d') AS flight_28d_late,
  max(delay / n) FILTER (name = 'flight_28d') AS flight_28d_delay
FROM windows WHERE n > 0 GROUP BY flight_id;

-- The last departure of the same aircraft in the past 14 hours.
CREATE TEMP TABLE aircraft AS
SELECT flight_id, delay AS plane_last_delay, date_diff('minute', known_at, scheduled_at) AS plane_minutes_since
FROM flights ASOF JOIN (
  SELECT tailnum, scheduled_at + to_minutes(CAST(dep_delay AS BIGINT)) AS known_at, max(CAST(dep_delay AS BIGINT)) AS delay
  FROM flights WHERE dep_delay IS NOT NULL AND tailnum IS NOT NULL GROUP BY ALL
) AS departures ON flights.tailnum = departures.tailnum AND departures.known_at <= flights.judged_at
WHERE known_at > judged_at - INTERVAL 14 HOUR;

CREATE TEMP TABLE weather AS
SELECT origin, CAST(time_hour AS TIMESTAMP) AS observed_at,
  max(temp) AS temp, max(dewp) AS dewp, max(humid) AS humid, max(wind_dir) AS wind_dir, max(wind_speed) AS wind_speed,
  max(wind_gust) AS wind_gust, max(precip) AS precip, max(pressure) AS pressure, max(visib) AS visib
FROM read_csv('data/raw/weather.csv', nullstr = 'NA') GROUP BY ALL;

CREATE TEMP TABLE planes AS
SELECT tailnum, year AS built, seats, engines, manufacturer FROM read_csv('data/raw/planes.csv', nullstr = 'NA');

CREATE TEMP TABLE features AS
SELECT
  flights.flight_id, flights.judged_at,
  flights.carrier, flights.origin, flights.dest, flights.distance,
  hour(flights.scheduled_at) AS hour_utc, minute(flights.scheduled_at) AS minute, dayofweek(flights.scheduled_at) AS weekday,
  year(flights.scheduled_at) - built AS plane_age, seats, engines, manufacturer,
  plane_last_delay, plane_minutes_since,
  recent.* EXCLUDE (flight_id),
  temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib,
  CAST(arr_delay > 15 AS INTEGER) AS late
FROM flights
  ASOF LEFT JOIN weather ON flights.origin = weather.origin AND weather.observed_at <= flights.judged_at
  LEFT JOIN planes ON flights.tailnum = planes.tailnum
  LEFT JOIN recent ON flights.flight_id = recent.flight_id
  LEFT JOIN aircraft ON flights.flight_id = aircraft.flight_id
WHERE arr_delay IS NOT NULL AND judged_at >= TIMESTAMP '{{from}}';

-- The last {{holdout}} are kept from training: on them a model has to prove itself.
COPY (
  SELECT * FROM features WHERE judged_at < (SELECT max(judged_at) FROM features) - INTERVAL '{{holdout}}' ORDER BY judged_at, flight_id
) TO '{{output}}' (FORMAT parquet, COMPRESSION zstd);
COPY (
  SELECT * FROM features WHERE judged_at >= (SELECT max(judged_at) FROM features) - INTERVAL '{{holdout}}' ORDER BY judged_at, flight_id
) TO '{{held_out}}' (FORMAT parquet, COMPRESSION zstd);
