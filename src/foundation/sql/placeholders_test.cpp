#include "foundation/sql/placeholders.h"

#include <gtest/gtest.h>

namespace slipway::sql {
namespace {

std::string numbered(std::string_view statement) { return number_placeholders(statement).statement; }

TEST(Placeholders, AreNumberedFromOne) {
  const Numbered out = number_placeholders("SELECT ? FROM t WHERE a=? AND b IN (?,?)");
  EXPECT_EQ(out.statement, "SELECT $1 FROM t WHERE a=$2 AND b IN ($3,$4)");
  EXPECT_EQ(out.count, 4);
}

TEST(Placeholders, InsideQuotesAreText) {
  EXPECT_EQ(numbered("SELECT 'a?', 'it''s ?', \"c?\"\"?\", ?"), "SELECT 'a?', 'it''s ?', \"c?\"\"?\", $1");
  EXPECT_EQ(numbered("SELECT E'\\'?', ?"), "SELECT E'\\'?', $1");
  EXPECT_EQ(numbered("SELECT '\\', ?"), "SELECT '\\', $1");
  EXPECT_EQ(numbered("SELECT namE'\\', ?"), "SELECT namE'\\', $1");
}

TEST(Placeholders, InsideCommentsAndDollarQuotesAreText) {
  EXPECT_EQ(numbered("SELECT ? -- why?\n, ?"), "SELECT $1 -- why?\n, $2");
  EXPECT_EQ(numbered("SELECT /* ? /* ? */ ? */ ?"), "SELECT /* ? /* ? */ ? */ $1");
  EXPECT_EQ(numbered("SELECT $$ ? $$, $a$ ? $$ ? $a$, ?"), "SELECT $$ ? $$, $a$ ? $$ ? $a$, $1");
}

TEST(Placeholders, WhatIsNotClosedReachesToTheEnd) {
  for (const std::string_view open :
       {"SELECT '?", "SELECT \"?", "SELECT /* ?", "SELECT $a$ ?", "-- ?", "SELECT E'\\"}) {
    EXPECT_EQ(numbered(open), open);
    EXPECT_EQ(number_placeholders(open).count, 0);
  }
  EXPECT_EQ(numbered("$"), "$");
  EXPECT_EQ(numbered("$a ?"), "$a $1");
}

}  // namespace
}  // namespace slipway::sql
