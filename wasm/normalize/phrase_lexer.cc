// SPDX-License-Identifier: Apache-2.0
// See phrase_lexer.h. Phones and word processors write typographic apostrophes, dashes and thin spaces; they are
// read here as their ASCII twins, so that no rule has to know them.
#include "normalize/phrase_lexer.h"

namespace needle {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Glyph {
  enum Kind { kSpace, kDigit, kLetter, kApostrophe, kSymbol };
  Kind kind;
  size_t length;           // bytes
  std::string_view ascii;  // what to read instead, for the kinds that fold
};

struct Folded {
  std::string_view bytes;
  Glyph::Kind kind;
  std::string_view ascii;
};

constexpr Folded kFolded[] = {
    {"\xC2\xA0", Glyph::kSpace, " "},           // no-break space
    {"\xE2\x80\x89", Glyph::kSpace, " "},       // thin space
    {"\xE2\x80\xAF", Glyph::kSpace, " "},       // narrow no-break space: what iOS puts before "PM"
    {"\xE2\x80\x98", Glyph::kApostrophe, "'"},  // left and right single quotation mark
    {"\xE2\x80\x99", Glyph::kApostrophe, "'"},
    {"\xE2\x80\x90", Glyph::kSymbol, "-"},  // hyphen, no-break hyphen, en dash, em dash, minus sign
    {"\xE2\x80\x91", Glyph::kSymbol, "-"},
    {"\xE2\x80\x93", Glyph::kSymbol, "-"},
    {"\xE2\x80\x94", Glyph::kSymbol, "-"},
    {"\xE2\x88\x92", Glyph::kSymbol, "-"},
    {"\xC2\xB0", Glyph::kSymbol, "\xC2\xB0"},  // degree sign
};

Glyph GlyphAt(std::string_view text, size_t pos) {
  const char c = text[pos];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return {Glyph::kSpace, 1, " "};
  if (IsDigit(c)) return {Glyph::kDigit, 1, {}};
  if (IsAsciiLetter(c)) return {Glyph::kLetter, 1, {}};
  if (c == '\'') return {Glyph::kApostrophe, 1, "'"};
  if (static_cast<unsigned char>(c) < 0x80) return {Glyph::kSymbol, 1, text.substr(pos, 1)};
  for (const Folded& folded : kFolded) {
    if (text.substr(pos, folded.bytes.size()) == folded.bytes) return {folded.kind, folded.bytes.size(), folded.ascii};
  }
  return {Glyph::kLetter, 1, {}};  // one byte of some other character
}

/// Reads a word from `pos`. An apostrophe between letters is dropped ("o'clock" reads "oclock"); one followed by a
/// final s ends the word and is skipped with it ("today's" reads "today"), as is one at the end ("three days'").
size_t LexWord(std::string_view text, size_t pos, PhraseToken* token) {
  while (pos < text.size()) {
    const Glyph glyph = GlyphAt(text, pos);
    if (glyph.kind == Glyph::kLetter) {
      const char c = text[pos++];
      token->text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
      token->end = pos;
      continue;
    }
    if (glyph.kind != Glyph::kApostrophe) return pos;
    const size_t after = pos + glyph.length;
    const bool letter_after = after < text.size() && GlyphAt(text, after).kind == Glyph::kLetter;
    if (!letter_after) return after;
    const bool ends_after_next = after + 1 >= text.size() || GlyphAt(text, after + 1).kind != Glyph::kLetter;
    if (ends_after_next && (text[after] == 's' || text[after] == 'S')) return after + 1;
    pos = after;
  }
  return pos;
}

}  // namespace

PhraseTokens LexPhrase(std::string_view text) {
  PhraseTokens tokens;
  bool glued = false;
  for (size_t pos = 0; pos < text.size();) {
    const Glyph glyph = GlyphAt(text, pos);
    if (glyph.kind == Glyph::kSpace) {
      pos += glyph.length;
      glued = false;
      continue;
    }
    PhraseToken token;
    token.begin = pos;
    token.glued = glued;
    if (glyph.kind == Glyph::kLetter) {
      token.kind = PhraseToken::kWord;
      pos = LexWord(text, pos, &token);
    } else if (glyph.kind == Glyph::kDigit) {
      token.kind = PhraseToken::kDigits;
      while (pos < text.size() && IsDigit(text[pos])) token.text += text[pos++];
      token.end = pos;
    } else {
      token.text = std::string(glyph.ascii);
      pos += glyph.length;
      token.end = pos;
    }
    tokens.push_back(std::move(token));
    glued = true;
  }
  return tokens;
}

}  // namespace needle
