// SPDX-License-Identifier: Apache-2.0
// Pattern text -> RegexNode tree, by recursive descent over bytes (non-ASCII characters are read as code points).
#include <algorithm>
#include <optional>

#include "grammar/regex.h"

namespace needle {
namespace {

constexpr uint32_t kMaxCodePoint = 0x10FFFF;
constexpr int kMaxDepth = 64;
constexpr int kMaxRepeat = 5000;

Error Unsupported(const std::string& what) { return {ErrorCode::kUnsupportedSchema, "pattern: " + what, ""}; }
Error Invalid(const std::string& what) { return {ErrorCode::kInvalidSchema, "pattern: " + what, ""}; }

void Normalize(CodePointRanges* ranges) {
  std::sort(ranges->begin(), ranges->end());
  CodePointRanges out;
  for (const auto& range : *ranges) {
    if (!out.empty() && range.first <= out.back().second + 1) {
      out.back().second = std::max(out.back().second, range.second);
    } else {
      out.push_back(range);
    }
  }
  *ranges = std::move(out);
}

CodePointRanges Negated(CodePointRanges ranges) {
  Normalize(&ranges);
  CodePointRanges out;
  uint32_t next = 0;
  for (const auto& [lo, hi] : ranges) {
    if (lo > next) out.push_back({next, lo - 1});
    next = hi + 1;
  }
  if (next <= kMaxCodePoint) out.push_back({next, kMaxCodePoint});
  return out;
}

CodePointRanges Digits() { return {{'0', '9'}}; }
CodePointRanges WordCharacters() { return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}; }
CodePointRanges Spaces() {
  return {{0x09, 0x0D}, {0x20, 0x20}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029},
          {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
}
CodePointRanges AnyButLineEnds() { return Negated({{0x0A, 0x0A}, {0x0D, 0x0D}, {0x2028, 0x2029}}); }

/// Code points that certainly have the property: a part of it is enough, because what we write need only match.
std::optional<CodePointRanges> SomeOfProperty(std::string_view name) {
  if (name == "L" || name == "Letter" || name == "Alphabetic") {
    return CodePointRanges{{'A', 'Z'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x17F}, {0x3B1, 0x3C9},
                           {0x410, 0x44F}, {0x5D0, 0x5EA}, {0x3041, 0x3096}, {0x4E00, 0x9FA5}, {0xAC00, 0xD7A3}};
  }
  if (name == "Lu") return CodePointRanges{{'A', 'Z'}, {0xC0, 0xD6}, {0xD8, 0xDE}, {0x410, 0x42F}};
  if (name == "Ll") return CodePointRanges{{'a', 'z'}, {0xDF, 0xF6}, {0xF8, 0xFF}, {0x430, 0x44F}};
  if (name == "N" || name == "Nd" || name == "Number") return Digits();
  if (name == "Z" || name == "Zs" || name == "Separator") return CodePointRanges{{' ', ' '}, {0xA0, 0xA0}};
  if (name == "M" || name == "Mn" || name == "Mark") return CodePointRanges{{0x300, 0x36F}};
  if (name == "P" || name == "Punctuation") {
    return CodePointRanges{{'!', '#'}, {'%', '*'}, {',', '/'}, {':', ';'}, {'?', '@'}, {'[', ']'}, {'_', '_'},
                           {'{', '{'}, {'}', '}'}};
  }
  if (name == "S" || name == "Symbol") {
    return CodePointRanges{{'$', '$'}, {'+', '+'}, {'<', '>'}, {'^', '^'}, {'`', '`'}, {'|', '|'}, {'~', '~'}};
  }
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<RegexNode> Parse() {
    auto node = Alternation(0);
    if (node.ok() && pos_ < text_.size()) return Invalid("unmatched )");
    return node;
  }

 private:
  bool At(char c) const { return pos_ < text_.size() && text_[pos_] == c; }
  bool Eat(char c) { return At(c) && ++pos_; }
  bool EatAll(std::string_view s) {
    if (text_.substr(pos_, s.size()) != s) return false;
    pos_ += s.size();
    return true;
  }

  Result<RegexNode> Alternation(int depth) {
    if (depth > kMaxDepth) return Unsupported("nested too deeply");
    RegexNode out{.kind = RegexNode::kAlternation};
    do {
      RegexNode sequence{.kind = RegexNode::kSequence};
      while (pos_ < text_.size() && !At('|') && !At(')')) {
        auto term = Term(depth);
        if (!term.ok()) return term;
        sequence.children.push_back(std::move(*term));
      }
      out.children.push_back(std::move(sequence));
    } while (Eat('|'));
    return out;
  }

  Result<RegexNode> Term(int depth) {
    if (Eat('^')) return RegexNode{.kind = RegexNode::kBegin};
    if (Eat('$')) return RegexNode{.kind = RegexNode::kEnd};
    if (At('*') || At('+') || At('?')) return Invalid("nothing to repeat");
    auto atom = Atom(depth);
    if (!atom.ok()) return atom;
    int min = 0, max = 0;
    if (!Quantifier(&min, &max)) return atom;
    if (max != RegexNode::kUnbounded && min > max) return Invalid("quantifier {n,m} with n > m");
    if (min > kMaxRepeat || max > kMaxRepeat) return Unsupported("too large a repetition");
    Eat('?');  // lazy: the same language
    RegexNode repeat{.kind = RegexNode::kRepeat, .min = min, .max = max};
    repeat.children.push_back(std::move(*atom));
    if (At('*') || At('+') || At('?')) return Invalid("nothing to repeat");
    return repeat;
  }

  bool Quantifier(int* min, int* max) {
    *min = 0, *max = RegexNode::kUnbounded;
    if (Eat('*')) return true;
    if (Eat('+')) return *min = 1, true;
    if (Eat('?')) return *max = 1, true;
    const size_t start = pos_;
    if (Eat('{') && Number(min)) {
      *max = *min;
      if (Eat(',') && !Number(max)) *max = RegexNode::kUnbounded;
      if (Eat('}')) return true;
    }
    pos_ = start;  // a literal brace
    return false;
  }

  bool Number(int* out) {
    const size_t start = pos_;
    int value = 0;
    while (pos_ < text_.size() && text_[pos_] >= '0' && text_[pos_] <= '9') {
      value = std::min(value * 10 + (text_[pos_++] - '0'), kMaxRepeat + 1);
    }
    if (pos_ == start) return false;
    *out = value;
    return true;
  }

  Result<RegexNode> Atom(int depth) {
    if (Eat('(')) return Group(depth);
    if (Eat('[')) return Class();
    RegexNode node{.kind = RegexNode::kClass};
    if (Eat('.')) {
      node.ranges = AnyButLineEnds();
    } else if (Eat('\\')) {
      NEEDLE_RETURN_IF_ERROR(Escape(/*in_class=*/false, /*negated=*/false, &node.ranges));
    } else {
      const uint32_t c = CodePoint();
      node.ranges = {{c, c}};
    }
    return node;
  }

  Result<RegexNode> Group(int depth) {
    if (Eat('?')) {
      if (At('=') || At('!') || EatAll("<=") || EatAll("<!")) return Unsupported("look-around is not regular");
      if (Eat('<') || EatAll("P<")) {
        while (pos_ < text_.size() && !At('>')) ++pos_;
        if (!Eat('>')) return Invalid("unfinished group name");
      } else if (!Eat(':')) {
        return Unsupported("group modifiers");
      }
    }
    auto inner = Alternation(depth + 1);
    if (inner.ok() && !Eat(')')) return Invalid("unmatched (");
    return inner;
  }

  Result<RegexNode> Class() {
    RegexNode node{.kind = RegexNode::kClass};
    const bool negated = Eat('^');
    while (!At(']')) {
      if (pos_ >= text_.size()) return Invalid("unfinished character class");
      if (EatAll("[:")) return Unsupported("POSIX character classes");
      CodePointRanges low;
      NEEDLE_RETURN_IF_ERROR(ClassAtom(negated, &low));
      const bool single = low.size() == 1 && low[0].first == low[0].second;
      if (single && At('-') && pos_ + 1 < text_.size() && text_[pos_ + 1] != ']') {
        ++pos_;
        CodePointRanges high;
        NEEDLE_RETURN_IF_ERROR(ClassAtom(negated, &high));
        if (high.size() == 1 && high[0].first == high[0].second) {
          if (high[0].first < low[0].first) return Invalid("character range out of order");
          low = {{low[0].first, high[0].first}};
        } else {  // [a-\d]: a, - and the digits
          low.push_back({'-', '-'});
          low.insert(low.end(), high.begin(), high.end());
        }
      }
      node.ranges.insert(node.ranges.end(), low.begin(), low.end());
    }
    ++pos_;
    Normalize(&node.ranges);
    if (negated) node.ranges = Negated(std::move(node.ranges));
    return node;
  }

  Status ClassAtom(bool negated, CodePointRanges* out) {
    if (Eat('\\')) return Escape(/*in_class=*/true, negated, out);
    const uint32_t c = CodePoint();
    *out = {{c, c}};
    return Ok{};
  }

  /// What follows a backslash, as a set.
  Status Escape(bool in_class, bool negated, CodePointRanges* out) {
    if (pos_ >= text_.size()) return Invalid("trailing backslash");
    const char c = text_[pos_];
    const auto single = [out](uint32_t code_point) { *out = {{code_point, code_point}}; };
    ++pos_;
    switch (c) {
      case 'd': *out = Digits(); return Ok{};
      case 'D': *out = Negated(Digits()); return Ok{};
      case 'w': *out = WordCharacters(); return Ok{};
      case 'W': *out = Negated(WordCharacters()); return Ok{};
      case 's': *out = Spaces(); return Ok{};
      case 'S': *out = Negated(Spaces()); return Ok{};
      case 't': single('\t'); return Ok{};
      case 'n': single('\n'); return Ok{};
      case 'r': single('\r'); return Ok{};
      case 'f': single('\f'); return Ok{};
      case 'v': single('\v'); return Ok{};
      case 'b':
        if (!in_class) return Unsupported("word boundaries");
        single('\b');
        return Ok{};
      case '0': single(0); return Ok{};
      case 'x': return Hex(2, out);
      case 'u': return Eat('{') ? Braced(out) : Hex(4, out);
      case 'p': return Property(negated, out);
      case 'c':
        if (pos_ >= text_.size()) return Invalid("unfinished control escape");
        single(static_cast<uint32_t>(text_[pos_++]) & 31);
        return Ok{};
      default: break;
    }
    if (c >= '1' && c <= '9') return Unsupported("back-references");
    if (c == 'k') return Unsupported("back-references");
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Unsupported(std::string("the escape \\") + c);
    --pos_;
    single(CodePoint());
    return Ok{};
  }

  Status Hex(int digits, CodePointRanges* out) {
    uint32_t value = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = HexDigit();
      if (digit < 0) return Invalid("malformed hexadecimal escape");
      value = value * 16 + static_cast<uint32_t>(digit);
    }
    if (value >= 0xD800 && value < 0xDC00 && EatAll("\\u")) {  // a surrogate pair
      CodePointRanges low;
      NEEDLE_RETURN_IF_ERROR(Hex(4, &low));
      if (low[0].first < 0xDC00 || low[0].first > 0xDFFF) return Invalid("unpaired surrogate");
      value = 0x10000 + ((value - 0xD800) << 10) + (low[0].first - 0xDC00);
    }
    *out = {{value, value}};
    return Ok{};
  }

  Status Braced(CodePointRanges* out) {
    uint32_t value = 0;
    for (int digit; !At('}');) {
      if ((digit = HexDigit()) < 0 || value > kMaxCodePoint) return Invalid("malformed \\u{...}");
      value = value * 16 + static_cast<uint32_t>(digit);
    }
    ++pos_;
    if (value > kMaxCodePoint) return Invalid("malformed \\u{...}");
    *out = {{value, value}};
    return Ok{};
  }

  Status Property(bool negated, CodePointRanges* out) {
    const size_t end = text_.find('}', pos_);
    if (!Eat('{') || end == std::string_view::npos) return Unsupported("the escape \\p");
    const auto some = SomeOfProperty(text_.substr(pos_, end - pos_));
    if (!some || negated) return Unsupported("this Unicode property");
    pos_ = end + 1;
    *out = *some;
    return Ok{};
  }

  int HexDigit() {
    if (pos_ >= text_.size()) return -1;
    const char c = text_[pos_++];
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }

  /// The code point at pos_; the text is valid UTF-8 (it came out of a JSON parser).
  uint32_t CodePoint() {
    const auto byte = [this] { return static_cast<uint8_t>(text_[pos_++]); };
    const uint32_t lead = byte();
    int tail = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    uint32_t value = tail == 3 ? lead & 7 : tail == 2 ? lead & 15 : tail == 1 ? lead & 31 : lead;
    for (; tail > 0 && pos_ < text_.size(); --tail) value = value << 6 | (byte() & 63);
    return value;
  }

  std::string_view text_;
  size_t pos_ = 0;
};

}  // namespace

Result<RegexNode> ParseRegex(std::string_view pattern) { return Parser(pattern).Parse(); }

}  // namespace needle
