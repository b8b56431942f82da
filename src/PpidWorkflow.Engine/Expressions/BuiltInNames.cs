using System.Collections.Frozen;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Under which Jint's built-in functions and objects are found, in whatever object: what <see cref="JavaScriptGuards.InstallAll"/> finds in an
/// engine. Written down, because walking one for the first time compiles all of Jint and takes two seconds; a test compares the two, and
/// prints the list when another version of Jint has others.
/// </summary>
internal static class BuiltInNames
{
    private const string List =
        """
        $& $' $+ $1 $2 $3 $4 $5 $6 $7 $8 $9 $_ $` AggregateError Array ArrayBuffer AsyncDisposableStack AsyncIterator Atomics BigInt BigInt64Array
        BigUint64Array Boolean Collator DataView Date DateTimeFormat DisplayNames DisposableStack Duration DurationFormat Error EvalError
        FinalizationRegistry Float16Array Float32Array Float64Array Function Generator Instant Int16Array Int32Array Int8Array Intl Iterator JSON
        ListFormat Locale Map Math Now Number NumberFormat Object PlainDate PlainDateTime PlainMonthDay PlainTime PlainYearMonth PluralRules Promise
        Proxy RangeError ReferenceError Reflect RegExp RelativeTimeFormat Segmenter Set ShadowRealm SharedArrayBuffer String SuppressedError Symbol
        Symbol(Symbol.asyncDispose) Symbol(Symbol.asyncIterator) Symbol(Symbol.dispose) Symbol(Symbol.hasInstance) Symbol(Symbol.iterator)
        Symbol(Symbol.match) Symbol(Symbol.matchAll) Symbol(Symbol.replace) Symbol(Symbol.search) Symbol(Symbol.species) Symbol(Symbol.split)
        Symbol(Symbol.toPrimitive) Symbol(Symbol.toStringTag) Symbol(Symbol.unscopables) SyntaxError Temporal TypeError TypedArray URIError UTC
        Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet ZonedDateTime __defineGetter__ __defineSetter__
        __lookupGetter__ __lookupSetter__ __proto__ abs acos acosh add adopt all allKeyed allSettled allSettledKeyed anchor and any apply arguments
        asIntN asUintN asin asinh assign at atan atan2 atanh baseName big bind blank blink bold buffer byteLength byteOffset calendar calendarId
        call caller caseFirst catch cbrt ceil charAt charCodeAt chunks clear clz32 codePointAt collation compare compareExchange compile concat
        construct constructor copyWithin cos cosh create day dayOfWeek dayOfYear days daysInMonth daysInWeek daysInYear decodeURI decodeURIComponent
        defer defineProperties defineProperty delete deleteProperty deref description detached difference dispose disposeAsync disposed dotAll drop
        encodeURI encodeURIComponent endsWith entries epochMilliseconds epochNanoseconds equals era eraYear escape eval evaluate every exchange exec
        exp expm1 f16round fill filter finally find findIndex findLast findLastIndex firstDayOfWeek fixed flags flat flatMap floor fontcolor
        fontsize for forEach format formatRange formatRangeToParts formatToParts freeze from fromAsync fromBase64 fromCharCode fromCodePoint
        fromEntries fromEpochMilliseconds fromEpochNanoseconds fromHex fround get getBigInt64 getBigUint64 getCalendars getCanonicalLocales
        getCollations getDate getDay getFloat16 getFloat32 getFloat64 getFullYear getHourCycles getHours getInt16 getInt32 getInt8 getMilliseconds
        getMinutes getMonth getNumberingSystems getOrInsert getOrInsertComputed getOwnPropertyDescriptor getOwnPropertyDescriptors
        getOwnPropertyNames getOwnPropertySymbols getPrototypeOf getSeconds getTextInfo getTime getTimeZoneTransition getTimeZones getTimezoneOffset
        getUTCDate getUTCDay getUTCFullYear getUTCHours getUTCMilliseconds getUTCMinutes getUTCMonth getUTCSeconds getUint16 getUint32 getUint8
        getWeekInfo getYear global globalThis groupBy grow growable has hasIndices hasOwn hasOwnProperty hour hourCycle hours hoursInDay hypot
        ignoreCase immutable importValue imul inLeapYear includes indexOf input instant intersection is isArray isDisjointFrom isError isExtensible
        isFinite isFrozen isInteger isLockFree isNaN isPrototypeOf isRawJSON isSafeInteger isSealed isSubsetOf isSupersetOf isView isWellFormed
        italics join keyFor keys language lastIndexOf lastMatch lastParen leftContext length link load localeCompare log log10 log1p log2 map match
        matchAll max maxByteLength maximize microsecond microseconds millisecond milliseconds min minimize minute minutes month monthCode months
        monthsInYear move multiline nanosecond nanoseconds negated next normalize notify now numberingSystem numeric of offset offsetNanoseconds or
        ownKeys padEnd padStart parse parseFloat parseInt pause plainDateISO plainDateTimeISO plainTimeISO pop pow preventExtensions
        propertyIsEnumerable prototype push race random raw rawJSON reduce reduceRight region register reject repeat replace replaceAll resizable
        resize resolve resolvedOptions return reverse rightContext round script seal search second seconds segment select selectRange set
        setBigInt64 setBigUint64 setDate setFloat16 setFloat32 setFloat64 setFromBase64 setFromHex setFullYear setHours setInt16 setInt32 setInt8
        setMilliseconds setMinutes setMonth setPrototypeOf setSeconds setTime setUTCDate setUTCFullYear setUTCHours setUTCMilliseconds setUTCMinutes
        setUTCMonth setUTCSeconds setUint16 setUint32 setUint8 setYear shift sign sin since sinh size slice sliceToImmutable small some sort source
        splice split sqrt stack startOfDay startsWith sticky store strike stringify sub subarray substr substring subtract sumPrecise sup
        supportedLocalesOf supportedValuesOf symmetricDifference take tan tanh test then throw timeZoneId toArray toBase64 toDateString
        toExponential toFixed toGMTString toHex toISOString toInstant toJSON toLocaleDateString toLocaleLowerCase toLocaleString toLocaleTimeString
        toLocaleUpperCase toLowerCase toPlainDate toPlainDateTime toPlainMonthDay toPlainTime toPlainYearMonth toPrecision toReversed toSorted
        toSpliced toString toTemporalInstant toTimeString toUTCString toUpperCase toWellFormed toZonedDateTime toZonedDateTimeISO total transfer
        transferToFixedLength transferToImmutable trim trimEnd trimLeft trimRight trimStart trunc try unescape unicode unicodeSets union unregister
        unshift until use valueOf values variants wait waitAsync weekOfYear weeks windows with withCalendar withPlainTime withResolvers withTimeZone
        xor year yearOfWeek years zip zipKeyed zonedDateTimeISO
        """;

    public static FrozenSet<string> All { get; } = List.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
