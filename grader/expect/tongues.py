"""Words of other languages for what is looked for in labels and in printed lines, as parts of regular expressions."""

TRAINING_WORDS = r"entren|entra[iî]n|trenam|addestr|\be[gğ]it|обуч|训练|訓練|학습|훈련"
TEST_WORDS = r"prueba|prova\b|тест|провер|测试|測試|テスト|评估|検証|테스트|시험"
ACCURACY_WORDS = (
    r"genauigkeit|exactitud|précision|precisión|acurácia|accuratezza|doğruluk|точност|准确率|正确率|正解率|精度|정확도"
)
