// Every rule of thrift-gen-validator that generates Go which compiles, for every type it may stand at: what both sides judge.
namespace go rules

typedef i32 Count
typedef list<Count> Counts

enum Level { LOW = 1, MIDDLE = 2, TOP = 9 }

struct Inner { 1: i32 n (vt.ge = "2") 2: optional Inner next }

struct I8Const { 1: i8 a (vt.const = "-0x3") }
struct I8Lt { 1: i8 a (vt.lt = "3") }
struct I8Le { 1: optional i8 a (vt.le = "0o3") }
struct I8Gt { 1: required i8 a (vt.gt = "-2") }
struct I8Ge { 1: optional i8 a = 5 (vt.ge = "03") }
struct I8In { 1: i8 a (vt.in = "1", vt.in = "-1", vt.in = "0b11") }
struct I8NotIn { 1: optional i8 a (vt.not_in = "0", vt.not_in = "2") }
struct I8NotNil { 1: optional i8 a (vt.not_nil = "true", vt.lt = "$b") 2: i8 b }
struct I16Const { 1: i16 a (vt.const = "-0x3") }
struct I16Lt { 1: i16 a (vt.lt = "3") }
struct I16Le { 1: optional i16 a (vt.le = "0o3") }
struct I16Gt { 1: required i16 a (vt.gt = "-2") }
struct I16Ge { 1: optional i16 a = 5 (vt.ge = "03") }
struct I16In { 1: i16 a (vt.in = "1", vt.in = "-1", vt.in = "0b11") }
struct I16NotIn { 1: optional i16 a (vt.not_in = "0", vt.not_in = "2") }
struct I16NotNil { 1: optional i16 a (vt.not_nil = "true", vt.lt = "$b") 2: i16 b }
struct I32Const { 1: i32 a (vt.const = "-0x3") }
struct I32Lt { 1: i32 a (vt.lt = "3") }
struct I32Le { 1: optional i32 a (vt.le = "0o3") }
struct I32Gt { 1: required i32 a (vt.gt = "-2") }
struct I32Ge { 1: optional i32 a = 5 (vt.ge = "03") }
struct I32In { 1: i32 a (vt.in = "1", vt.in = "-1", vt.in = "0b11") }
struct I32NotIn { 1: optional i32 a (vt.not_in = "0", vt.not_in = "2") }
struct I32NotNil { 1: optional i32 a (vt.not_nil = "true", vt.lt = "$b") 2: i32 b }
struct I64Const { 1: i64 a (vt.const = "-0x3") }
struct I64Lt { 1: i64 a (vt.lt = "3") }
struct I64Le { 1: optional i64 a (vt.le = "0o3") }
struct I64Gt { 1: required i64 a (vt.gt = "-2") }
struct I64Ge { 1: optional i64 a = 5 (vt.ge = "03") }
struct I64In { 1: i64 a (vt.in = "1", vt.in = "-1", vt.in = "0b11") }
struct I64NotIn { 1: optional i64 a (vt.not_in = "0", vt.not_in = "2") }
struct I64NotNil { 1: optional i64 a (vt.not_nil = "true", vt.lt = "$b") 2: i64 b }
struct I64Large { 1: i64 a (vt.gt = "9_007_199_254_740_993", vt.lt = "9223372036854775807") }
struct IntOrder { 1: i32 a (vt.lt = "3", vt.gt = "-1", vt.not_in = "1") 2: i32 b (vt.gt = "0") }
struct IntTwice { 1: i32 a (vt.gt = "0", vt.le = "9", vt.gt = "3") }
struct IntReference { 1: i32 a (vt.gt = "$b") 2: i32 b (vt.const = "$c") 3: i32 c }
struct IntWider { 1: i64 a (vt.le = "$b", vt.ge = "$c") 2: i8 b 3: i16 c }
struct IntNarrower { 1: i8 a (vt.lt = "$b") 2: i64 b }
struct IntFraction { 1: i32 a (vt.lt = "$b") 2: double b }
struct IntAgainstAbsent { 1: i32 a (vt.lt = "$b") 2: optional i32 b }
struct IntGeAbsent { 1: i32 a (vt.ge = "$b") 2: optional i32 b }
struct Named { 1: Count a (vt.gt = "0") 2: Counts b (vt.min_size = "1") }
struct DoubleConst { 1: double a (vt.const = "1.5") }
struct DoubleLt { 1: double a (vt.lt = ".5") }
struct DoubleLe { 1: optional double a (vt.le = "1.5") }
struct DoubleGt { 1: double a (vt.gt = "-1e0") }
struct DoubleGe { 1: double a (vt.ge = "0") }
struct DoubleIn { 1: double a (vt.in = "1.5", vt.in = "-1") }
struct DoubleNotIn { 1: double a (vt.not_in = "0", vt.not_in = "0x1p-1") }
struct DoubleReference { 1: double a (vt.gt = "$b", vt.not_in = "$c") 2: double b 3: i32 c }
struct BoolConst { 1: bool a (vt.const = "T") 2: optional bool b (vt.const = "false") }
struct BoolReference { 1: bool a (vt.const = "$b") 2: bool b }
struct BoolNotNil { 1: optional bool a (vt.not_nil = "true") 2: optional bool b (vt.not_nil = "false") }
struct EnumConst { 1: Level a (vt.const = "Level.MIDDLE") }
struct EnumIn { 1: Level a (vt.in = "Level.LOW", vt.in = "Level.TOP") }
struct EnumNotIn { 1: optional Level a (vt.not_in = "Level.LOW", vt.not_in = "Level.TOP") }
struct EnumDefined { 1: Level a (vt.defined_only = "true") 2: optional Level b (vt.defined_only = "true", vt.not_nil = "true") }
struct StringConst { 1: string a (vt.const = "ab") }
struct StringIn { 1: string a (vt.in = "a", vt.in = "", vt.in = "aé") }
struct StringNotIn { 1: string a (vt.not_in = "a", vt.not_in = "🎉a") }
struct StringMinSize { 1: string a (vt.min_size = "2") }
struct StringMaxSize { 1: string a (vt.max_size = "$n") 2: i32 n }
struct StringMinRunes { 1: string a (vt.min_rune_size = "2") }
struct StringMaxRunes { 1: string a (vt.max_rune_size = "2") }
struct StringPrefix { 1: string a (vt.prefix = "a") }
struct StringSuffix { 1: string a (vt.suffix = "$b") 2: string b }
struct StringContains { 1: string a (vt.contains = "ab") }
struct StringNotContains { 1: string a (vt.not_contains = "b") }
struct StringPattern { 1: string a (vt.pattern = "^[ab]+$") }
struct StringReferences { 1: string a (vt.const = "$b") 2: string b (vt.contains = "$c", vt.min_size = "@len($c)") 3: string c }
struct BinaryConst { 1: binary a (vt.const = "ab") }
struct BinaryIn { 1: binary a (vt.in = "a", vt.in = "", vt.in = "aé") }
struct BinaryNotIn { 1: binary a (vt.not_in = "a", vt.not_in = "🎉a") }
struct BinaryMinSize { 1: binary a (vt.min_size = "2") }
struct BinaryMaxSize { 1: binary a (vt.max_size = "$n") 2: i32 n }
struct BinaryPrefix { 1: binary a (vt.prefix = "a") }
struct BinarySuffix { 1: binary a (vt.suffix = "$b") 2: binary b }
struct BinaryContains { 1: binary a (vt.contains = "ab") }
struct BinaryNotContains { 1: binary a (vt.not_contains = "b") }
struct BinaryPattern { 1: binary a (vt.pattern = "^[ab]+$") }
struct BinaryReferences { 1: binary a (vt.const = "$b") 2: binary b (vt.contains = "$c", vt.min_size = "@len($c)") 3: binary c }
struct StringOptional { 1: optional string a (vt.min_size = "1", vt.prefix = "a") 2: optional string b (vt.not_nil = "true", vt.max_size = "3") }
struct StringPreset { 1: optional string a = "ab" (vt.prefix = "a") 2: string b = "x" (vt.min_size = "1") }
struct StringEscapes { 1: string a (vt.not_in = "\n", vt.not_in = "\x61b", vt.not_in = "\u00e9") }
struct Pattern0 { 1: string a (vt.pattern = "^\\d+$") }
struct Pattern1 { 1: string a (vt.pattern = "(?i)AB") }
struct Pattern2 { 1: string a (vt.pattern = "\\bab\\b") }
struct Pattern3 { 1: string a (vt.pattern = "^.$") }
struct Pattern4 { 1: string a (vt.pattern = "(?s)^.$") }
struct Pattern5 { 1: string a (vt.pattern = "(?m)^a$") }
struct Pattern6 { 1: string a (vt.pattern = "[[:alpha:]]") }
struct Pattern7 { 1: string a (vt.pattern = "^\\p{L}*$") }
struct Pattern8 { 1: string a (vt.pattern = "a{2,3}") }
struct Pattern9 { 1: string a (vt.pattern = "\\Aa|b\\z") }
struct Pattern10 { 1: string a (vt.pattern = "^(a|é)+?$") }
struct Pattern11 { 1: string a (vt.pattern = "[^a-c]") }
struct Pattern12 { 1: string a (vt.pattern = "^\\w*$") }
struct Pattern13 { 1: string a (vt.pattern = "^x*$") }
struct BinaryOptional { 1: optional binary a (vt.max_size = "3", vt.not_nil = "true") }
struct BinaryAbsent { 1: optional binary a (vt.min_size = "1") }
struct ListSize { 1: list<i32> a (vt.min_size = "1", vt.max_size = "2") }
struct ListAbsent { 1: optional list<i32> a (vt.min_size = "1") 2: optional map<i32, i32> b (vt.min_size = "1") }
struct ListElements { 1: list<i32> a (vt.elem.gt = "0", vt.elem.not_in = "2", vt.max_size = "2") }
struct ListOfStrings { 1: list<string> a (vt.elem.max_rune_size = "2", vt.elem.pattern = "^a") }
struct ListOfEnums { 1: list<Level> a (vt.elem.defined_only = "true", vt.elem.not_in = "Level.TOP") }
struct ListOfBools { 1: list<bool> a (vt.elem.const = "true") }
struct ListOfBinaries { 1: list<binary> a (vt.elem.min_size = "1", vt.elem.not_contains = "b") }
struct ListOfDoubles { 1: list<double> a (vt.elem.lt = "1") }
struct ListOfLists { 1: list<list<i32>> a (vt.elem.max_size = "2", vt.elem.elem.gt = "0") 2: i32 b }
struct ListOfReference { 1: list<i32> a (vt.elem.lt = "$b", vt.min_size = "$b") 2: i32 b }
struct SetSize { 1: set<string> a (vt.min_size = "1", vt.max_size = "2") }
struct SetElements { 1: set<i64> a (vt.elem.ge = "0") }
struct MapSize { 1: map<string, i32> a (vt.min_size = "1", vt.max_size = "2") }
struct MapKeys { 1: map<string, i32> a (vt.key.min_size = "1", vt.key.prefix = "a") }
struct MapValues { 1: map<i32, string> a (vt.value.max_size = "2", vt.max_size = "2") }
struct MapDeep { 1: map<i64, list<map<string, i32>>> a (vt.value.min_size = "1", vt.value.elem.key.min_size = "1", vt.value.elem.value.gt = "0") }
struct MapOfStructs { 1: map<string, Inner> a (vt.no_sparse = "true", vt.value.not_nil = "true") }
struct Nested { 1: Inner a 2: optional Inner b 3: Inner c (vt.skip = "true") 4: Inner d (vt.skip = "false") }
struct NestedNotNil { 1: optional Inner a (vt.not_nil = "true") }
struct NestedElements { 1: list<Inner> a (vt.elem.not_nil = "true") 2: list<Inner> b (vt.elem.skip = "true") }
struct NestedSilently { 1: list<Inner> a 2: map<i32, Inner> b }
union Choice { 1: i32 a (vt.gt = "0") 2: string b (vt.min_size = "1") 3: Inner c 4: list<i32> d (vt.elem.gt = "0") }
exception Failure { 1: i32 a (vt.gt = "0") 2: optional Choice b }
struct Length { 1: i32 a (vt.const = "@len($b)") 2: string b 3: i64 c (vt.ge = "@len($d)") 4: list<i32> d 5: i8 e (vt.le = "@len($f)") 6: map<i32, i32> f 7: i32 g (vt.const = "@len($h)") 8: binary h }
struct Sum { 1: i64 a (vt.const = "@add($b, 2)") 2: i64 b 3: i32 c (vt.lt = "@add($b, @mod($a, 3))") }
struct Joined { 1: string a (vt.const = "@add($b, $c)") 2: string b 3: string c }
struct Remainder { 1: i64 a (vt.const = "@mod($b, 3)") 2: i64 b }
struct RemainderByZero { 1: i64 a 2: i64 b } (vt.assert = "@equal(@mod($a, $b), 0)")
struct Later { 1: i64 a (vt.gt = "@now_unix_nano()") }
struct Asserted { 1: i64 a 2: i64 b 3: i32 c (vt.gt = "-2") } (vt.assert = "@equal(@mod($a, 2), 0)", vt.assert = "@equal($b, @add($a, 1))")
struct AssertedText { 1: string a 2: string b } (vt.assert = "@equal($a, $b)")
struct SprintfWhole { 1: string a (vt.const = "@sprintf('%d|%x|%X|%o|%b|%5d|%-5d|%05d|%+d|% d|%v|%08x', $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b)") 2: i64 b }
struct SprintfDouble { 1: string a (vt.const = "@sprintf('%f|%.2f|%8.3f|%-8.1f|%e|%g|%v|%+.1e|%08.2f|%.0f|%.0e|%.3g|%.10g|%G', $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b)") 2: double b }
struct SprintfText { 1: string a (vt.const = "@sprintf('%s|%v|%5s|%-5s|%.1s|%x|%X|%t|%v|%%|%3v', $b, $b, $b, $b, $b, $b, $b, $c, $c, $b)") 2: string b 3: bool c }

/** One of them: whichever is set is judged. */
struct Case {
  1: optional I8Const i8Const
  2: optional I8Lt i8Lt
  3: optional I8Le i8Le
  4: optional I8Gt i8Gt
  5: optional I8Ge i8Ge
  6: optional I8In i8In
  7: optional I8NotIn i8NotIn
  8: optional I8NotNil i8NotNil
  9: optional I16Const i16Const
  10: optional I16Lt i16Lt
  11: optional I16Le i16Le
  12: optional I16Gt i16Gt
  13: optional I16Ge i16Ge
  14: optional I16In i16In
  15: optional I16NotIn i16NotIn
  16: optional I16NotNil i16NotNil
  17: optional I32Const i32Const
  18: optional I32Lt i32Lt
  19: optional I32Le i32Le
  20: optional I32Gt i32Gt
  21: optional I32Ge i32Ge
  22: optional I32In i32In
  23: optional I32NotIn i32NotIn
  24: optional I32NotNil i32NotNil
  25: optional I64Const i64Const
  26: optional I64Lt i64Lt
  27: optional I64Le i64Le
  28: optional I64Gt i64Gt
  29: optional I64Ge i64Ge
  30: optional I64In i64In
  31: optional I64NotIn i64NotIn
  32: optional I64NotNil i64NotNil
  33: optional I64Large i64Large
  34: optional IntOrder intOrder
  35: optional IntTwice intTwice
  36: optional IntReference intReference
  37: optional IntWider intWider
  38: optional IntNarrower intNarrower
  39: optional IntFraction intFraction
  40: optional IntAgainstAbsent intAgainstAbsent
  41: optional IntGeAbsent intGeAbsent
  42: optional Named named
  43: optional DoubleConst doubleConst
  44: optional DoubleLt doubleLt
  45: optional DoubleLe doubleLe
  46: optional DoubleGt doubleGt
  47: optional DoubleGe doubleGe
  48: optional DoubleIn doubleIn
  49: optional DoubleNotIn doubleNotIn
  50: optional DoubleReference doubleReference
  51: optional BoolConst boolConst
  52: optional BoolReference boolReference
  53: optional BoolNotNil boolNotNil
  54: optional EnumConst enumConst
  55: optional EnumIn enumIn
  56: optional EnumNotIn enumNotIn
  57: optional EnumDefined enumDefined
  58: optional StringConst stringConst
  59: optional StringIn stringIn
  60: optional StringNotIn stringNotIn
  61: optional StringMinSize stringMinSize
  62: optional StringMaxSize stringMaxSize
  63: optional StringMinRunes stringMinRunes
  64: optional StringMaxRunes stringMaxRunes
  65: optional StringPrefix stringPrefix
  66: optional StringSuffix stringSuffix
  67: optional StringContains stringContains
  68: optional StringNotContains stringNotContains
  69: optional StringPattern stringPattern
  70: optional StringReferences stringReferences
  71: optional BinaryConst binaryConst
  72: optional BinaryIn binaryIn
  73: optional BinaryNotIn binaryNotIn
  74: optional BinaryMinSize binaryMinSize
  75: optional BinaryMaxSize binaryMaxSize
  76: optional BinaryPrefix binaryPrefix
  77: optional BinarySuffix binarySuffix
  78: optional BinaryContains binaryContains
  79: optional BinaryNotContains binaryNotContains
  80: optional BinaryPattern binaryPattern
  81: optional BinaryReferences binaryReferences
  82: optional StringOptional stringOptional
  83: optional StringPreset stringPreset
  84: optional StringEscapes stringEscapes
  85: optional Pattern0 pattern0
  86: optional Pattern1 pattern1
  87: optional Pattern2 pattern2
  88: optional Pattern3 pattern3
  89: optional Pattern4 pattern4
  90: optional Pattern5 pattern5
  91: optional Pattern6 pattern6
  92: optional Pattern7 pattern7
  93: optional Pattern8 pattern8
  94: optional Pattern9 pattern9
  95: optional Pattern10 pattern10
  96: optional Pattern11 pattern11
  97: optional Pattern12 pattern12
  98: optional Pattern13 pattern13
  99: optional BinaryOptional binaryOptional
  100: optional BinaryAbsent binaryAbsent
  101: optional ListSize listSize
  102: optional ListAbsent listAbsent
  103: optional ListElements listElements
  104: optional ListOfStrings listOfStrings
  105: optional ListOfEnums listOfEnums
  106: optional ListOfBools listOfBools
  107: optional ListOfBinaries listOfBinaries
  108: optional ListOfDoubles listOfDoubles
  109: optional ListOfLists listOfLists
  110: optional ListOfReference listOfReference
  111: optional SetSize setSize
  112: optional SetElements setElements
  113: optional MapSize mapSize
  114: optional MapKeys mapKeys
  115: optional MapValues mapValues
  116: optional MapDeep mapDeep
  117: optional MapOfStructs mapOfStructs
  118: optional Nested nested
  119: optional NestedNotNil nestedNotNil
  120: optional NestedElements nestedElements
  121: optional NestedSilently nestedSilently
  122: optional Choice choice
  123: optional Failure failure
  124: optional Length length
  125: optional Sum sum
  126: optional Joined joined
  127: optional Remainder remainder
  128: optional RemainderByZero remainderByZero
  129: optional Later later
  130: optional Asserted asserted
  131: optional AssertedText assertedText
  132: optional SprintfWhole sprintfWhole
  133: optional SprintfDouble sprintfDouble
  134: optional SprintfText sprintfText
}
