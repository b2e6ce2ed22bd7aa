/// Codes of languages, those of FLORES-200 (and of NLLB) first, then those of M2M100 and Marian; and their
/// English names. Whisper's are among them. A script is named only where a language has two.
const NAMES: &[(&str, &str)] = &[
    ("ace_Arab", "Acehnese (Arabic script)"),
    ("ace_Latn", "Acehnese (Latin script)"),
    ("afr af", "Afrikaans"),
    ("aka", "Akan"),
    ("als sq sqi", "Albanian"),
    ("amh am", "Amharic"),
    ("arb ar ara", "Arabic"),
    ("hye hy", "Armenian"),
    ("asm as", "Assamese"),
    ("ast", "Asturian"),
    ("awa", "Awadhi"),
    ("quy", "Ayacucho Quechua"),
    ("azj az aze", "Azerbaijani"),
    ("ban", "Balinese"),
    ("bam", "Bambara"),
    ("bjn_Arab", "Banjar (Arabic script)"),
    ("bjn_Latn", "Banjar (Latin script)"),
    ("bak ba", "Bashkir"),
    ("eus eu", "Basque"),
    ("bel be", "Belarusian"),
    ("bem", "Bemba"),
    ("ben bn", "Bengali"),
    ("bho", "Bhojpuri"),
    ("bos bs", "Bosnian"),
    ("br bre", "Breton"),
    ("bug", "Buginese"),
    ("bul bg", "Bulgarian"),
    ("mya my", "Burmese"),
    ("yue", "Cantonese"),
    ("cat ca", "Catalan"),
    ("ceb", "Cebuano"),
    ("tzm", "Central Atlas Tamazight"),
    ("ayr", "Central Aymara"),
    ("knc_Arab", "Central Kanuri (Arabic script)"),
    ("knc_Latn", "Central Kanuri (Latin script)"),
    ("ckb", "Central Kurdish"),
    ("hne", "Chhattisgarhi"),
    ("zh zho", "Chinese"),
    ("zho_Hans", "Chinese (simplified)"),
    ("zho_Hant", "Chinese (traditional)"),
    ("cjk", "Chokwe"),
    ("crh", "Crimean Tatar"),
    ("hrv hr", "Croatian"),
    ("ces cs", "Czech"),
    ("dan da", "Danish"),
    ("prs", "Dari"),
    ("nld nl", "Dutch"),
    ("dyu", "Dyula"),
    ("dzo", "Dzongkha"),
    ("arz", "Egyptian Arabic"),
    ("eng en", "English"),
    ("epo", "Esperanto"),
    ("est et", "Estonian"),
    ("ewe", "Ewe"),
    ("fao fo", "Faroese"),
    ("fij", "Fijian"),
    ("fin fi", "Finnish"),
    ("fon", "Fon"),
    ("fra fr", "French"),
    ("fur", "Friulian"),
    ("ff ful", "Fulah"),
    ("glg gl", "Galician"),
    ("lug lg", "Ganda"),
    ("kat ka", "Georgian"),
    ("deu de", "German"),
    ("ell el", "Greek"),
    ("grn", "Guarani"),
    ("guj gu", "Gujarati"),
    ("hat ht", "Haitian Creole"),
    ("hau ha", "Hausa"),
    ("haw", "Hawaiian"),
    ("heb he", "Hebrew"),
    ("hin hi", "Hindi"),
    ("hun hu", "Hungarian"),
    ("isl is", "Icelandic"),
    ("ibo ig", "Igbo"),
    ("ilo", "Ilocano"),
    ("ind id", "Indonesian"),
    ("gle ga", "Irish"),
    ("ita it", "Italian"),
    ("jpn ja", "Japanese"),
    ("jav jv jw", "Javanese"),
    ("kac", "Jingpho"),
    ("kbp", "Kabiyè"),
    ("kea", "Kabuverdianu"),
    ("kab", "Kabyle"),
    ("kam", "Kamba"),
    ("kan kn", "Kannada"),
    ("kas_Arab", "Kashmiri (Arabic script)"),
    ("kas_Deva", "Kashmiri (Devanagari script)"),
    ("kaz kk", "Kazakh"),
    ("khm km", "Khmer"),
    ("kon", "Kikongo"),
    ("kik", "Kikuyu"),
    ("kmb", "Kimbundu"),
    ("kin", "Kinyarwanda"),
    ("kor ko", "Korean"),
    ("kir", "Kyrgyz"),
    ("lao lo", "Lao"),
    ("ltg", "Latgalian"),
    ("la lat", "Latin"),
    ("lvs lv lav", "Latvian"),
    ("lij", "Ligurian"),
    ("lim", "Limburgish"),
    ("lin ln", "Lingala"),
    ("lit lt", "Lithuanian"),
    ("lmo", "Lombard"),
    ("lua", "Luba-Kasai"),
    ("luo", "Luo"),
    ("ltz lb", "Luxembourgish"),
    ("mkd mk", "Macedonian"),
    ("mag", "Magahi"),
    ("mai", "Maithili"),
    ("plt mg mlg", "Malagasy"),
    ("zsm ms msa", "Malay"),
    ("mal ml", "Malayalam"),
    ("mlt mt", "Maltese"),
    ("mri mi", "Maori"),
    ("mar mr", "Marathi"),
    ("mni", "Meitei (Bengali script)"),
    ("acm", "Mesopotamian Arabic"),
    ("min", "Minangkabau"),
    ("lus", "Mizo"),
    ("khk mn mon", "Mongolian"),
    ("ary", "Moroccan Arabic"),
    ("mos", "Mossi"),
    ("ars", "Najdi Arabic"),
    ("npi ne nep", "Nepali"),
    ("fuv", "Nigerian Fulfulde"),
    ("apc", "North Levantine Arabic"),
    ("kmr", "Northern Kurdish"),
    ("nso ns", "Northern Sotho"),
    ("no nor", "Norwegian"),
    ("nob", "Norwegian Bokmål"),
    ("nno nn", "Norwegian Nynorsk"),
    ("nus", "Nuer"),
    ("nya", "Nyanja"),
    ("oci oc", "Occitan"),
    ("ory or ori", "Odia"),
    ("pag", "Pangasinan"),
    ("pap", "Papiamento"),
    ("ps pus", "Pashto"),
    ("fa fas", "Persian"),
    ("pol pl", "Polish"),
    ("por pt", "Portuguese"),
    ("pan pa", "Punjabi"),
    ("ron ro", "Romanian"),
    ("run", "Rundi"),
    ("rus ru", "Russian"),
    ("smo", "Samoan"),
    ("sag", "Sango"),
    ("san sa", "Sanskrit"),
    ("sat", "Santali"),
    ("srd", "Sardinian"),
    ("gla gd", "Scottish Gaelic"),
    ("srp sr", "Serbian"),
    ("shn", "Shan"),
    ("sna sn", "Shona"),
    ("scn", "Sicilian"),
    ("szl", "Silesian"),
    ("snd sd", "Sindhi"),
    ("sin si", "Sinhala"),
    ("slk sk", "Slovak"),
    ("slv sl", "Slovenian"),
    ("som so", "Somali"),
    ("azb", "South Azerbaijani"),
    ("ajp", "South Levantine Arabic"),
    ("pbt", "Southern Pashto"),
    ("sot", "Southern Sotho"),
    ("dik", "Southwestern Dinka"),
    ("spa es", "Spanish"),
    ("sun su", "Sundanese"),
    ("swh sw swa", "Swahili"),
    ("ssw ss", "Swati"),
    ("swe sv", "Swedish"),
    ("tgl tl", "Tagalog"),
    ("tgk tg", "Tajik"),
    ("taq_Latn", "Tamasheq (Latin script)"),
    ("taq_Tfng", "Tamasheq (Tifinagh script)"),
    ("tam ta", "Tamil"),
    ("tat tt", "Tatar"),
    ("acq", "Ta’izzi-Adeni Arabic"),
    ("tel te", "Telugu"),
    ("tha th", "Thai"),
    ("bod bo", "Tibetan"),
    ("tir", "Tigrinya"),
    ("tpi", "Tok Pisin"),
    ("tso", "Tsonga"),
    ("tsn tn", "Tswana"),
    ("tum", "Tumbuka"),
    ("aeb", "Tunisian Arabic"),
    ("tur tr", "Turkish"),
    ("tuk tk", "Turkmen"),
    ("twi", "Twi"),
    ("ukr uk", "Ukrainian"),
    ("umb", "Umbundu"),
    ("urd ur", "Urdu"),
    ("uig", "Uyghur"),
    ("uzn uz uzb", "Uzbek"),
    ("vec", "Venetian"),
    ("vie vi", "Vietnamese"),
    ("war", "Waray"),
    ("cym cy", "Welsh"),
    ("gaz", "West Central Oromo"),
    ("fy fry", "Western Frisian"),
    ("pes", "Western Persian"),
    ("wol wo", "Wolof"),
    ("xho xh", "Xhosa"),
    ("ydd yi yid", "Yiddish"),
    ("yor yo", "Yoruba"),
    ("zul zu", "Zulu"),
];

/// The English name of a language by its code, such as `fra_Latn`, `fr` or `fra`; the code if it is not
/// known.
pub(crate) fn name(code: &str) -> String {
    let language = code.split_once('_').map_or(code, |(language, _)| language);
    let of = |wanted: &str| {
        let row = NAMES.iter().find(|(codes, _)| codes.split(' ').any(|one| one == wanted));
        row.map(|(_, name)| *name)
    };
    of(code).or_else(|| of(language)).unwrap_or(code).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `FAIRSEQ_LANGUAGE_CODES` of transformers 4.57, `tokenization_nllb.py` and `tokenization_m2m_100.py`.
    const FLORES: &str = "ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab aka_Latn amh_Ethi \
        apc_Arab arb_Arab ars_Arab ary_Arab arz_Arab asm_Beng ast_Latn awa_Deva ayr_Latn \
        azb_Arab azj_Latn bak_Cyrl bam_Latn ban_Latn bel_Cyrl bem_Latn ben_Beng bho_Deva \
        bjn_Arab bjn_Latn bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn ceb_Latn ces_Latn \
        cjk_Latn ckb_Arab crh_Latn cym_Latn dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt \
        ell_Grek eng_Latn epo_Latn est_Latn eus_Latn ewe_Latn fao_Latn pes_Arab fij_Latn \
        fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn gla_Latn gle_Latn glg_Latn grn_Latn \
        guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva hrv_Latn hun_Latn hye_Armn \
        ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan kab_Latn kac_Latn \
        kam_Latn kan_Knda kas_Arab kas_Deva kat_Geor knc_Arab knc_Latn kaz_Cyrl kbp_Latn \
        kea_Latn khm_Khmr kik_Latn kin_Latn kir_Cyrl kmb_Latn kon_Latn kor_Hang kmr_Latn \
        lao_Laoo lvs_Latn lij_Latn lim_Latn lin_Latn lit_Latn lmo_Latn ltg_Latn ltz_Latn \
        lua_Latn lug_Latn luo_Latn lus_Latn mag_Deva mai_Deva mal_Mlym mar_Deva min_Latn \
        mkd_Cyrl plt_Latn mlt_Latn mni_Beng khk_Cyrl mos_Latn mri_Latn zsm_Latn mya_Mymr \
        nld_Latn nno_Latn nob_Latn npi_Deva nso_Latn nus_Latn nya_Latn oci_Latn gaz_Latn \
        ory_Orya pag_Latn pan_Guru pap_Latn pol_Latn por_Latn prs_Arab pbt_Arab quy_Latn \
        ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Beng scn_Latn shn_Mymr sin_Sinh \
        slk_Latn slv_Latn smo_Latn sna_Latn snd_Arab som_Latn sot_Latn spa_Latn als_Latn \
        srd_Latn srp_Cyrl ssw_Latn sun_Latn swe_Latn swh_Latn szl_Latn tam_Taml tat_Cyrl \
        tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi taq_Latn taq_Tfng tpi_Latn tsn_Latn \
        tso_Latn tuk_Latn tum_Latn tur_Latn twi_Latn tzm_Tfng uig_Arab ukr_Cyrl umb_Latn \
        urd_Arab uzn_Latn vec_Latn vie_Latn war_Latn wol_Latn xho_Latn ydd_Hebr yor_Latn \
        yue_Hant zho_Hans zho_Hant zul_Latn";
    const M2M: &str = "af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga \
        gd gl gu ha he hi hr ht hu hy id ig ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv \
        mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru sd si sk sl so sq sr ss su \
        sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu";

    #[test]
    fn every_language_of_a_family_has_a_name_of_its_own() {
        for (codes, count) in [(FLORES, 202), (M2M, 100), (WHISPER, 100)] {
            let mut names: Vec<_> = codes.split(' ').map(name).collect();
            assert_eq!(names.len(), count);
            for (name, code) in names.iter().zip(codes.split(' ')) {
                assert_ne!(name, code);
            }
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    }

    /// `LANGUAGES` of transformers 4.57, `tokenization_whisper.py`.
    const WHISPER: &str = "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th \
        ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so \
        af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue";

    #[test]
    fn a_code_nobody_knows_is_its_own_name() {
        for code in ["xx", "xxx_Latn", "source", ""] {
            assert_eq!(name(code), code);
        }
        assert_eq!((&*name("zho_Hant"), &*name("de")), ("Chinese (traditional)", "German"));
    }
}
