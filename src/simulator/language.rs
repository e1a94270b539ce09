//! Guesses the language of a text by its small words, which phrases are also split at.

/// A language and its small words, in lower case.
#[derive(Debug)]
pub(super) struct Language {
    /// The ISO 639-1 code.
    pub(super) code: &'static str,
    small_words: &'static str,
}

/// What a text without any small word is taken for.
const ENGLISH: Language = Language {
    code: "en",
    small_words: "a about above after again against all also am among an and another any are as ask at be \
        because been before being below between both but by can compare could create describe did do does \
        doing done down during each either else ever every explain few find for from further get give had \
        has have having he help her here hers him his how however i if in into is it its itself just know \
        let like list make many may me might more most much must my need neither no nor not now of off on \
        once one only onto or other our out over own please same shall she should show so some such \
        summarise summarize tell than that the their them then there these they this those though through \
        to too under until up upon us use using very want was we well were what when where whether which \
        while who whom whose why will with within without would write yes you your",
};

const LANGUAGES: &[Language] = &[
    ENGLISH,
    Language {
        code: "de",
        small_words: "aber alle als am an auch auf aus bei beim bitte bin bis damit dann das dass dein dem den \
            denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem \
            einen einer eines er erkläre es etwas euch für gegen gib haben hat hier ich ihm ihn ihr ihre im in \
            ist ja jede jeder jedes kann kein keine man mehr mein mich mir mit muss nach nicht noch nun nur ob \
            oder ohne schreibe sehr sein seine sich sie sind so soll über um und uns unter vom von vor warum \
            was weil welche wenn wer werden wie wieder wir wird wo zu zum zur zwischen",
    },
    Language {
        code: "fr",
        small_words: "ai au aux avec avoir bien ce ces cet cette comme comment dans de des donc du elle elles en \
            entre est et être eux explique fait il ils je la le les leur leurs lui ma mais me même mes moi mon \
            ne nos notre nous on ont ou où par pas peut plus pour pourquoi quand que quel quelle qui sa sans se \
            ses si son sont sous sur ta te tes toi ton tous tout très tu un une vos votre vous",
    },
    Language {
        code: "es",
        small_words: "al algo ante como con contra cuál cuando cómo de del desde donde dos el ella ellos en entre \
            era es esa ese eso esta este esto está explica fue ha hasta hay la las le les lo los me mi mis muy \
            más nada ni no nos o os otra otro para pero por porque qué que quien se ser si sin sobre son su sus \
            también te tiene todo tu tus un una uno unos y ya yo",
    },
];

impl Language {
    /// The language that `text` has the most small words of.
    pub(super) fn of(text: &str) -> &'static Self {
        let words: Vec<String> = words(text).map(str::to_lowercase).collect();
        let hits = |language: &Self| words.iter().filter(|word| language.has_small(word)).count();
        // `max_by_key` prefers the last of equals, English is first.
        LANGUAGES.iter().rev().max_by_key(|language| hits(language)).unwrap_or(&ENGLISH)
    }

    /// Whether `word`, in lower case, is one of its small words.
    pub(super) fn has_small(&self, word: &str) -> bool {
        self.small_words.split_whitespace().any(|small| small == word)
    }
}

/// The words of `text`.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !is_of_word(character)).filter(|word| !word.is_empty())
}

/// Whether `character` can be within a word.
pub(super) fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '\'' | '’' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_words_tell_the_language() {
        for (text, code) in [
            ("What is the capital of France?", "en"),
            ("Was ist die Hauptstadt von Frankreich?", "de"),
            ("Quelle est la capitale de la France ?", "fr"),
            ("¿Cuál es la capital de Francia?", "es"),
            ("Rust", "en"),
            ("", "en"),
        ] {
            assert_eq!(Language::of(text).code, code, "{text}");
        }
    }
}
