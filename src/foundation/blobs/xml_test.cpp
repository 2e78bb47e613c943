#include "foundation/blobs/xml.h"

#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::blobs {
namespace {

TEST(Xml, ReadsATreeOfTexts) {
  const XmlElement root = parse_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hi -->\n<List xmlns='http://s3/'>\n  <Key>a</Key>"
      "<Empty/><Empty a = \"b>c\" /><Item ><Key>b</Key></Item ></List>\n");
  EXPECT_EQ(root.name, "List");
  ASSERT_EQ(root.children.size(), 4U);
  EXPECT_EQ(root.child_text("Key"), "a");
  EXPECT_EQ(root.child_text("Empty"), "");
  EXPECT_EQ(root.child_text("Nothing"), "");
  EXPECT_EQ(root.children[3].child_text("Key"), "b");
}

TEST(Xml, ReplacesReferencesAndKeepsCharacterData) {
  EXPECT_EQ(parse_xml("<a>&lt;&gt;&amp;&quot;&apos;&#233;&#xfc;&#x1F600;</a>").text, "<>&\"'\u00e9\u00fc\U0001F600");
  EXPECT_EQ(parse_xml("<a>x<![CDATA[<&]]>y<!-- no -->z</a>").text, "x<&yz");
}

TEST(Xml, RefusesWhatIsMalformedOrDangerous) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (const std::string& bad :
       {std::string(), std::string("text"), std::string("<a>"), std::string("<a></b>"), std::string("<a></a>x"),
        std::string("<a>&nope;</a>"), std::string("<a>&#0;</a>"), std::string("<a>&#xd800;</a>"), std::string("<a>&"),
        std::string("<a b></a>"), std::string("<a b=c></a>"), std::string("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        std::string("<a><![CDATA[</a>"), std::string("< a></a>"), std::string("<a>&#99999999999;</a>"), deep}) {
    EXPECT_THROW(parse_xml(bad), Error) << bad;
  }
}

}  // namespace
}  // namespace slipway::blobs
